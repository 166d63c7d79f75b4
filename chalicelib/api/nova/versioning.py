"""Versioning: which microversion of Nova's API a call speaks."""

from __future__ import annotations

from chalicelib.api.call import Call
from chalicelib.api.openstack.microversion import Versioning
from chalicelib.model.microversion import Microversion

VERSIONING = Versioning("compute", "X-OpenStack-Nova-API-Version", Microversion(2, 1))


def speaks(call: Call, minor: int) -> bool:
    """Whether a call speaks 2.``minor`` or newer."""
    return VERSIONING.of(call.headers) >= Microversion(2, minor)
