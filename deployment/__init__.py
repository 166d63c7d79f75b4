"""Deployment: what ``make package`` adds to Chalice's own template and takes out of its zip."""
