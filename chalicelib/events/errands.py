"""Errands for the API, run by the function that may read the pods' credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import observability, wiring
from chalicelib.adapters.aws_lambda.errand_codec import write_error, write_refreshed
from chalicelib.model.errors import Trio2oError

Event = Mapping[str, Any]


def run(event: Event) -> dict[str, Any]:
    """Run an errand. The answer holds its result as ``done``, or an ``error`` that the API raises again.

    Only our own API calls this. An unknown errand is therefore our own fault: it raises KeyError.
    """
    errand = _ERRANDS[event["errand"]]
    with observability.correlated(event.get("request_id", "")):
        try:
            return {"done": errand(event)}
        except Trio2oError as error:
            return {"error": write_error(error)}


def _endpoints(event: Event) -> dict[str, str]:
    directory = wiring.services().pods.proof.directory
    return dict(directory.endpoints(event["region"], event["credential_ref"], event["auth_url"]))


def _refresh(event: Event) -> dict[str, Any]:
    return write_refreshed(wiring.services().capacity_refresh.refresh(event["pod_id"]))


_ERRANDS: Mapping[str, Callable[[Event], Any]] = {
    "endpoints": _endpoints,
    "refresh": _refresh,
}
