"""Differences: where the gateway answers otherwise than one Nova on purpose, each with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Requests (``asks`` is a regular expression for "METHOD path"), and what of their answers may differ.

    ``fields`` are names in the body, at any depth, that aren't compared; with ``whole``, all of the answer.
    """

    asks: str
    reason: str
    fields: tuple[str, ...] = ()
    whole: bool = False

    def concerns(self, ask: str) -> bool:
        return re.fullmatch(self.asks, ask) is not None


DIFFERENCES = (
    Difference(".*trio2o.*", "Nova has no such route: it is how a tenant asks about our choice.", whole=True),
    Difference(
        r".*/os-keypairs.*",
        "A keypair is ours, and imported where a server needs it, so its number and time are ours too.",
        fields=("id", "created_at"),
    ),
    Difference(
        r"GET /\{project\}|HEAD /\{project\}/?",
        "Gophercloud reads the version at the catalogue's URL, which may end with the project's id.",
        whole=True,
    ),
)


def of(ask: str) -> list[Difference]:
    """The differences that concern a request, given as "METHOD path"."""
    return [difference for difference in DIFFERENCES if difference.concerns(ask)]
