"""Sentences: methods, summary, and the names that things have in text."""
