"""Kills and soaks: gateway processes that die at random, and what became of the servers."""
