"""Differences: where the gateway answers otherwise than one Nova on purpose, each with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """Requests (``asks`` is a regular expression for "METHOD path"), and what of their answers may differ.

    ``fields`` are names in the body, at any depth, that aren't compared; with ``whole``, all of the answer.
    Where Nova's status and ours are ``statuses``, the rest isn't compared either.
    """

    asks: str
    reason: str
    fields: tuple[str, ...] = ()
    statuses: tuple[int, int] = (0, 0)
    whole: bool = False

    def concerns(self, ask: str) -> bool:
        return re.fullmatch(self.asks, ask) is not None


DIFFERENCES = (
    Difference(".*trio2o.*", "Nova has no such route: it is how a tenant asks about our choice.", whole=True),
    Difference(
        "(POST|PUT|GET) .*",
        "Who may not do something is told so before the rest of the request is judged.",
        statuses=(400, 403),
    ),
    *(
        Difference(
            r".*\{unknown\}.*",
            "A server that no pod has is not found, whatever else is wrong with the request.",
            statuses=(theirs, 404),
        )
        for theirs in (400, 410, 500)
    ),
    Difference(
        r".* /servers/\{unknown\}/.*",
        "Nova tells by which of its tables it missed a server; we say that it could not be found.",
        fields=("message",),
    ),
    Difference(
        r"GET .*limit=.*",
        "We know whether something follows a page, and spare the client an empty one.",
        fields=("servers_links", "flavors_links", "hypervisors_links", "migrations_links", "keypairs_links"),
    ),
    Difference(
        "(POST|PUT|DELETE) /os-volumes_boot.*",
        "Nova 34 fails at writes there, with 500 or 404; we take them as the writes of servers they are.",
        whole=True,
    ),
    Difference(
        "GET /os-baremetal-nodes.*",
        "A pod without bare metal answers 500, which we take for its trouble and not for an answer.",
        whole=True,
    ),
    Difference(
        r"\w+ .*/no-such-pa\w+|(PUT|DELETE|PATCH) /servers|(POST|PATCH) /flavors/detail",
        "What Nova's router doesn't know its WSGI library answers, with a page; we answer Nova's own fault.",
        statuses=(404, 404),
    ),
    Difference(
        r"POST /servers/\{new\}/action createImage",
        "Nova tells where the image is in its own Glance, whose address is none for clients; we tell ours.",
        statuses=(202, 202),
    ),
    Difference(
        "POST /servers server",
        "Of 999 servers, our quota speaks before Neutron's.",
        statuses=(403, 403),
    ),
    Difference(
        r"GET /servers/\{server\}/migrations/1",
        "1 is no id of ours, so the pod is asked for a migration that nobody has.",
        statuses=(404, 404),
    ),
    Difference(
        r"GET /servers.*deleted=1.*",
        "Servers that were deleted before the gateway knew their pod are nobody's.",
        fields=("servers",),
    ),
    Difference(
        r"GET /os-simple-tenant-usage/.*",
        "Nova takes the project in this path for the one that a path may begin with, and doubles it.",
        fields=("tenant_usage_links",),
    ),
    Difference(
        r".*/os-keypairs.*",
        "A keypair is ours, and imported where a server needs it, so its number and time are ours too.",
        fields=("id", "created_at"),
    ),
    Difference(
        r"POST /servers/\{new\}/action rebuild",
        "The answer tells how far the pod is with it by then, which differs from one time to the next.",
        fields=("status", "progress", "OS-EXT-STS:task_state", "OS-EXT-STS:vm_state"),
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
