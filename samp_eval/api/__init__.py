"""A study from Python: loaded, scored and fitted by the code of ``samp-eval analyze``."""
