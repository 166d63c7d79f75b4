"""A small Keystone with one domain, its state in memory."""
