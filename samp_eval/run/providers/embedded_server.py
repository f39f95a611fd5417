"""The embedded model's server, a process of its own: ``python -m samp_eval.run.providers.embedded_server MODEL N``.

It prints its address as one JSON line and serves until its standard input closes, so it never outlives the run that
started it, however that run ends.
"""

from __future__ import annotations

import json
import os
import sys

CONTEXT_TOKENS = 4096
"""For each request that is answered at the same time; the longest prompt of the bundled bank needs about 900."""

PLAIN_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
"""A base model has no chat format: it continues the text that it is given."""


def serve(model: str, parallel: int, *, plain: bool) -> None:
    """Serve a GGUF file on a loopback port of the system's choosing until standard input closes."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.model_alias = {os.path.basename(model).removesuffix(".gguf")}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = parallel
    parameters.n_ctx = CONTEXT_TOKENS * parallel
    parameters.swa_full = True
    parameters.warmup = False
    parameters.verbosity = -1
    parameters.ui = False
    threads = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.cpuparams.poll = 0
    parameters.cpuparams_batch.poll = 0
    if plain:
        parameters.use_jinja = True
        parameters.chat_template = PLAIN_TEMPLATE
    server = xllamacpp.Server(parameters)
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), plain=sys.argv[3] == "plain")
