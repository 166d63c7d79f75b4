"""Catch-all: what a path that no route of Chalice's matches is answered.

On AWS such a request never reaches the app and the template's gateway response answers it; Chalice's
local server would answer 403 "Missing Authentication Token" in its place.
"""

from __future__ import annotations

import uuid

from deployment.gateway_responses import gateway_responses


def unknown_path() -> tuple[int, dict[str, str], str]:
    """Status, headers and body, as API Gateway gives them."""
    response = gateway_responses()["MISSING_AUTHENTICATION_TOKEN"]
    headers = {
        name: value.strip("'") if value.startswith("'") else f"req-{uuid.uuid4()}"
        for name, value in response["ResponseParameters"]["Headers"].items()
    }
    ((kind, body),) = response["ResponseTemplates"].items()
    return response["StatusCode"], {"Content-Type": kind, **headers}, body
