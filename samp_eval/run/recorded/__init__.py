"""Answers collected elsewhere: tables, and logs of Inspect AI."""
