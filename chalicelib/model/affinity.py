"""Affinity: the tags that a flavor asks for and a pod carries, and the group that they name."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

GENERAL = "general"
SCOPE = "pod:"
BARE = "resource"
MOST_GROUP_LETTERS = 700  # it is part of a key, of which DynamoDB takes 1024 bytes with the zone


def tags_asked(extra_specs: Mapping[str, str]) -> dict[str, str]:
    """The affinity tags in a flavor's extra specs.

    ``pod:<key>`` is recommended, since Nova ignores keys with that prefix; the bare ``resource`` is the
    original blueprint's.
    """
    asked = {key[len(SCOPE) :]: value for key, value in extra_specs.items() if key.startswith(SCOPE)}
    if BARE in extra_specs and BARE not in asked:
        asked[BARE] = extra_specs[BARE]
    return asked


def affinity_group(tags: Mapping[str, str]) -> str:
    """One name for a set of tags: sorted and escaped, or ``general`` for none.

    It is escaped, because it is part of keys in which ``#``, ``,`` and ``:`` separate parts.
    """
    if not tags:
        return GENERAL
    return ",".join(f"{quote(key, safe='')}={quote(tags[key], safe='')}" for key in sorted(tags))


def tags_of(group: str) -> dict[str, str] | None:
    """The tags that a group's name stands for; None when it stands for none, or is too long."""
    if group == GENERAL:
        return {}
    pairs = [part.partition("=") for part in group.split(",")]
    tags = {unquote(key): unquote(value) for key, _, value in pairs}
    return tags if affinity_group(tags) == group and len(group) <= MOST_GROUP_LETTERS else None
