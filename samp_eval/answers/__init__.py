"""What was answered: from a response's text to its answer lines, and distinct answers."""
