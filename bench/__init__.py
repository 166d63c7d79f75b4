"""Benchmarks: what the gateway's own work costs, as ratios measured side by side."""
