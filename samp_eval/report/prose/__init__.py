"""Sentences: methods, summary, citations, and display names."""
