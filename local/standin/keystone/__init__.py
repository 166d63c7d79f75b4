"""A small Keystone."""
