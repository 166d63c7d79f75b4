"""What-if bodies: the create that a dry run is asked to decide about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import (
    Reader,
    an_id,
    an_object,
    mapping,
    nullable,
    read_fields,
    read_wrapped,
    text,
    whole,
    yes_or_no,
)
from chalicelib.model.flavor import Flavor
from chalicelib.model.refusals import inside_of
from chalicelib.scheduler.profile import Profile
from chalicelib.service.operating.decisions import WhatIf

UNNAMED_FLAVOR = "dry-run"
MOST_SERVERS = 1000

_FLAVOR_READERS: dict[str, Reader] = {
    "vcpus": whole(1),
    "ram_mb": whole(1),
    "root_gb": whole(),
    "ephemeral_gb": whole(),
    "swap_mb": whole(),
    "extra_specs": mapping(text()),
}


def read_what_if(body: object) -> WhatIf:
    """A create to decide about: a flavor by id or in its size. Raises InvalidField."""
    what_if: WhatIf = read_wrapped(body, "decision", _what_if)["decision"]
    return what_if


def _what_if(given: Mapping[str, object]) -> WhatIf:
    def one_flavor(_: Mapping[str, Any]) -> None:
        if ("flavor_id" in given) == ("flavor" in given):
            raise InvalidField("flavor_id", "give either flavor_id or flavor")

    values = read_fields(given, _READERS, required=("project_id",), together=one_flavor)
    return WhatIf(**{name: value for name, value in values.items() if value is not None})


def _flavor(field: str, value: object) -> Flavor:
    given = an_object("must be an object with vcpus, ram_mb, root_gb")(field, value)
    with inside_of(field):
        size = read_fields(given, _FLAVOR_READERS, required=("vcpus", "ram_mb"))
    return Flavor(UNNAMED_FLAVOR, UNNAMED_FLAVOR, **{"root_gb": 0, **size})


def _profile(field: str, value: object) -> Profile:
    given = an_object('must be a profile\'s document, such as {"based_on": "pack"}')(field, value)
    with inside_of(field):
        return Profile.from_document(given)


_READERS: dict[str, Reader] = {
    "project_id": an_id,
    "flavor_id": text(),
    "flavor": _flavor,
    "az_name": nullable(text(empty=True)),
    "count": whole(1, MOST_SERVERS),
    "boots_from_volume": yes_or_no,
    "profile": nullable(_profile),
}
