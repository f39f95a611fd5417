"""The forms a bank is written in: YAML, JSONL, CSV, XLSX and Markdown."""
