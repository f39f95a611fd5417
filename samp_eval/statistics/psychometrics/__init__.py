"""Statistics of an examination: is its content valid, what is its pass mark, what do its questions measure."""
