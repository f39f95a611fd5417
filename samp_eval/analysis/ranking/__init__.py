"""Respondents ranked: comparisons from marks, strengths, rank intervals, and the mixture that nobody beats."""
