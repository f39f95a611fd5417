"""The report as an HTML page, as a Word document, and as files for a manuscript."""
