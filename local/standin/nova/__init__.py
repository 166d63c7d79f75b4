"""A small Nova."""
