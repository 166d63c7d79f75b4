"""Docs: the guides, and what writes their tables."""
