"""Files that people hand in, read within limits: whatever they hold, it costs little and raises one kind of error."""
