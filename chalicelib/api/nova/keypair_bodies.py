"""Bodies of keypairs: what a create may hold, and what is shown, by microversion."""

from __future__ import annotations

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.nova.checks import AnObject, Check, a_name, a_text, one_of
from chalicelib.api.nova.versioning import speaks
from chalicelib.api.openstack.forwarding import LEGACY_PREFIX
from chalicelib.model.keypair import KEY_TYPES, SSH, Keypair

_NAME = a_name(r"^[_\- a-zA-Z0-9]+$")
_NAME_SINCE_92 = a_name(r"^[_\-\@\. a-zA-Z0-9]+$")


def read_keypair(call: Call) -> dict[str, Any]:
    """The keypair in a create's body. Raises InvalidField, in Nova's words."""
    body = call.json() if call.raw_body else None
    lenient = call.prefix == LEGACY_PREFIX
    asked = body.get("keypair") if isinstance(body, dict) else None
    if lenient and isinstance(asked, dict) and isinstance(asked.get("name"), str):
        asked["name"] = asked["name"].strip()
    AnObject({"keypair": _schema(call, not lenient)}, ("keypair",), not lenient)("", body)
    assert isinstance(asked, dict)  # for mypy: it was checked
    return asked


def _schema(call: Call, strict: bool) -> AnObject:
    fields: dict[str, Check] = {"name": _NAME_SINCE_92 if speaks(call, 92) else _NAME}
    if speaks(call, 2):
        fields["type"] = one_of(*KEY_TYPES)
    fields["public_key"] = a_text
    if speaks(call, 10):
        fields["user_id"] = a_text
    required = ("name", "public_key") if speaks(call, 92) else ("name",)
    return AnObject(fields, required, strict)


def write_row(call: Call, keypair: Keypair) -> dict[str, Any]:
    """A keypair as a list shows it."""
    key = keypair.key
    row = {
        "name": keypair.name,
        "public_key": key.text if key else "",
        "fingerprint": key.fingerprint if key else "",
    }
    return {**row, "type": key.type if key else SSH} if speaks(call, 2) else row


def write_made(call: Call, keypair: Keypair, private_key: str) -> dict[str, Any]:
    """A new keypair, with its private key if a pod made it."""
    made = {"private_key": private_key} if private_key else {}
    return {"keypair": {**made, **write_row(call, keypair), "user_id": keypair.user_id}}


def write_keypair(call: Call, keypair: Keypair) -> dict[str, Any]:
    """A keypair with its details. Nova never fills those that tell of changes."""
    details = {
        "user_id": keypair.user_id,
        "created_at": keypair.created_at.strftime("%Y-%m-%dT%H:%M:%S.000000"),
        "deleted": False,
        "deleted_at": None,
        "id": keypair.number,
        "updated_at": None,
    }
    return {"keypair": {**write_row(call, keypair), **details}}
