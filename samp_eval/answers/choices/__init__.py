"""Answers to menu and single best answer questions: the letter of an option, its text, or both."""
