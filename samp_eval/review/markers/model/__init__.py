"""A language model as one more marker: measured against people, never in their place."""
