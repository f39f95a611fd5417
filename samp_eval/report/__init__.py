"""A study's results as a page, a Word document, tables and figures."""
