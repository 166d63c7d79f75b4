"""Simulation: the real choosing of pods over pods that are only numbers; beside the app, never packaged."""
