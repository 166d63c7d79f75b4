"""Spelling: an id has one, however its letters were typed."""

from __future__ import annotations

from uuid import UUID


def usual_spelling(text: str) -> str:
    """A UUID in lower case, with or without dashes as it came: so Keystone, Nova and we write ids.

    Any other text stays as it is.
    """
    lower = text.lower()
    try:
        read = UUID(text)
    except ValueError:
        return text
    return lower if lower in (str(read), read.hex) else text
