"""Simulation: the product's own choosing over pods that are only numbers. Never packaged."""
