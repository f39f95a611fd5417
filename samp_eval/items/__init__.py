"""What is asked: cases, questions and answer keys."""
