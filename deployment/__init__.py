"""Deployment: what ``make package`` adds to the template that Chalice writes, and leaves out of its zip."""
