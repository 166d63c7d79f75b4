"""A cloud of small pods with one Keystone, good enough for unmodified OpenStack clients.

State lives in memory; troubles (faults, delays, resets, outages) can be ordered by method or over HTTP.
"""
