"""All that differs between SQLite and PostgreSQL, and which of them holds a study."""
