"""samp-eval: from a bank of medical licensing questions to a publishable study of how language models answer them."""

__version__ = "0.2.0"
