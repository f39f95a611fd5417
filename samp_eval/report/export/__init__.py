"""A study for other hands: its tables as files, what their columns mean, and scripts for other statistics programs."""
