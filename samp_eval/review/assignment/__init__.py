"""Who marks what: whole questions for groups of reviewers, and what is handed over."""
