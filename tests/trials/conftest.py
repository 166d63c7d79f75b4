"""Trials stand on the same world as the journeys do."""

from tests.journeys.conftest import gateway

__all__ = ["gateway"]
