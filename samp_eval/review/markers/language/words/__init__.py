"""Word lists of the marker: drug names, abbreviations in common use, words that change nothing or everything."""
