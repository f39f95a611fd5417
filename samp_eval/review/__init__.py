"""Who marks: reviewers and markers, their marks, and what these come to."""
