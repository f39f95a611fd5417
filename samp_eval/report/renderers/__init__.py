"""The report as a page, a Word document, and files for a manuscript."""
