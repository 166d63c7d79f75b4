"""Job queue in memory, for tests, which decide when and how often a message is delivered."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """A slice that waits to be run."""

    job_id: str
    turn: int
    delay_seconds: int


class MemoryJobQueue:
    """Keeps the messages in a list, oldest first. Who delivers one takes it out."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, job_id: str, turn: int, delay_seconds: int) -> None:
        self.messages.append(Message(job_id, turn, delay_seconds))
