"""Several respondents ranked by paired comparisons; questions are the clusters of every error.

Arena rankings treat comparisons as independent. Here, every comparison belongs to a question, and the same questions
are answered by all: errors that ignore this are wrong, mostly too small.
"""
