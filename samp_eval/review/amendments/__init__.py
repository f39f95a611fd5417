"""Corrected keys: which entry is which, and what marks of an earlier key say today."""
