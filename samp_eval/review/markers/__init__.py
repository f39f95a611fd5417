"""Automatic markers. Their marks are never called a reviewer's."""
