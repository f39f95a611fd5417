"""Exports a study: tables as files, a data dictionary, and scripts for other statistics programs."""
