"""A model compares the pairs that people compare: what it is asked, and what its replies come to."""
