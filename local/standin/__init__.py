"""A cloud of small pods with one Keystone, good enough for unmodified OpenStack clients.

Its state is in memory. Tests order troubles (faults, delays, resets, outages) by methods or over HTTP.
"""
