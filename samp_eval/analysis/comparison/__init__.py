"""Statistics without a model: mean scores, their differences, exact tests, odds ratios of lines."""
