"""Profile bodies: a profile as operators write and read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.api.admin.fields import inside
from chalicelib.service.profiles import ShownProfile


def read_profile(body: object) -> Mapping[str, Any]:
    """A document; what a profile says of itself, such as ``built_in``, may be sent back."""
    document = dict(inside(body, "profile"))
    if document.get("built_in") is False:
        del document["built_in"]
    return document


def write_profile(shown: ShownProfile) -> dict[str, Any]:
    """A profile's document; watermarks and shares are fractions."""
    return {**shown.profile.document(), "built_in": shown.built_in}
