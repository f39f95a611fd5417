"""Public banks and examination exports, read into cases."""
