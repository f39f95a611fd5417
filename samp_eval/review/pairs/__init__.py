"""Reviewers compare two responses side by side: which pairs, on what sheets, and what comes back."""
