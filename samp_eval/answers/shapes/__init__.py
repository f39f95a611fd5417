"""The forms in which models write lists of answers: HTML, JSON, tables, lists, lines, prose."""
