"""The marking page: for physicians who would rather not use a spreadsheet."""
