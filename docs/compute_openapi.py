"""The compute API as an OpenAPI 3.1 document: an operation for each row of the route table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.api.nova.mount import COMPUTE
from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from docs.route_words import answered_by, by_noun, microversions, noun

OPENAPI = Path(__file__).parent / "compute-api.openapi.json"
_JSON = "application/json"
_INFO = {
    "title": "Trio2o compute API",
    "version": "2.1",
    "summary": "Nova's API over many pods",
    "description": "Each path is there below `/v2.1/{project_id}` too, with the id of the token's project.",
}
_FAULT_BODY = {
    "type": "object",
    "description": "One key, which names the fault, such as `itemNotFound`.",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    },
}
_FAULTS = {
    "BadRequest": "What was sent is wrong; the message says what.",
    "Unauthorized": "No valid token of a project.",
    "Forbidden": "The caller's role doesn't allow it; the message names Nova's policy.",
    "NotFound": "Nothing has this id, or this microversion doesn't have the route.",
    "Gone": "Nova has removed this route.",
    "Fault": "Any other fault; a 503 has `Retry-After`.",
}
_VERSION = {
    "name": "OpenStack-API-Version",
    "in": "header",
    "description": "The microversion, such as `compute 2.90`. Without it 2.1; `latest` is the newest.",
    "schema": {"type": "string", "pattern": r"^compute (latest|2\.[0-9]+)$"},
}


def openapi_text() -> str:
    """The document as its file holds it."""
    return json.dumps(openapi(), indent=1) + "\n"


def openapi() -> Mapping[str, Any]:
    """An operation for each row, and what all of them share as components."""
    paths: dict[str, dict[str, Any]] = {}
    for row in TABLE:
        paths.setdefault(COMPUTE.prefix + row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in by_noun()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
            "parameters": {"Microversion": _VERSION},
            "schemas": {"Fault": _FAULT_BODY},
            "responses": {name: _response(told) for name, told in _FAULTS.items()},
        },
    }


def _operation(row: Row) -> dict[str, Any]:
    versions = microversions(row)
    described = f"Answered by {answered_by(row)}." + (f" Microversions: {versions}." if versions else "")
    found: dict[str, Any] = {
        "operationId": _operation_id(row),
        "tags": [noun(row)],
        "summary": str(row),
        "description": described,
        "parameters": [{"$ref": "#/components/parameters/Microversion"}, *map(_variable, _variables(row))],
        "responses": _responses(row),
        "x-trio2o-role": row.role.name.lower(),
    }
    if row.role is Role.ANYONE:
        found["security"] = []
    if row.until or row.kind is GONE:
        found["deprecated"] = True
    if row.policy:
        found["x-openstack-policy"] = row.policy
    if row.method in ("POST", "PUT"):
        found["requestBody"] = {"content": {_JSON: {"schema": _body(row)}}}
    return found


def _operation_id(row: Row) -> str:
    path = row.path.replace("{", "").replace("}", "")
    return re.sub(r"\W+", "_", f"{row.method.lower()}{path}")


def _variables(row: Row) -> list[str]:
    return re.findall(r"{(\w+)}", row.path)


def _variable(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _body(row: Row) -> dict[str, Any]:
    """Nova judges bodies; of an action the only key is known."""
    if not row.actions:
        return {"type": "object"}
    known = {
        action.name: {"description": microversions(action) or "all microversions"} for action in row.actions
    }
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": known,
        "additionalProperties": False,
    }


def _responses(row: Row) -> dict[str, Any]:
    if row.role is Role.ANYONE:
        return {"200": {"description": "The version document."}}
    codes = {"401": "Unauthorized", "403": "Forbidden"}
    if row.kind is GONE:
        return {**_refs(codes), **_refs({"410": "Gone"})}
    done = {"2XX": {"description": "As Nova answers.", "content": {_JSON: {"schema": {"type": "object"}}}}}
    return {**done, **_refs({"400": "BadRequest", **codes, "404": "NotFound", "default": "Fault"})}


def _refs(names: Mapping[str, str]) -> dict[str, Any]:
    return {code: {"$ref": f"#/components/responses/{name}"} for code, name in names.items()}


def _response(told: str) -> dict[str, Any]:
    return {"description": told, "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Fault"}}}}
