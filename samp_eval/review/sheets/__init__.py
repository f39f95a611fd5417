"""Reviewer sheets, CSV and XLSX, out of a study and back into it."""
