"""The study's database: the only SQL."""
