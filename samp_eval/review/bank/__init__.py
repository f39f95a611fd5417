"""Physicians review the bank itself: answers without the key, ratings with it, what follows from them."""
