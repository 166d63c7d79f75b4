"""Job queue in memory: for tests, which deliver when and as often as they like."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """A slice that waits to be run."""

    job_id: str
    turn: int
    delay_seconds: int


class MemoryJobQueue:
    """Messages in a list, oldest first; whoever delivers takes them out."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.messages: list[Message] = []

    def send(self, job_id: str, turn: int, delay_seconds: int) -> None:
        """Remember a slice."""
        self.messages.append(Message(job_id, turn, delay_seconds))
