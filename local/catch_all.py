"""The answer to a path that no route of Chalice's matches.

On AWS such a request never reaches the app: API Gateway answers it with the response that the template
sets. Chalice's local server would answer 403 "Missing Authentication Token" instead.
"""

from __future__ import annotations

import uuid

from deployment.gateway_responses import gateway_responses


def unknown_path() -> tuple[int, dict[str, str], str]:
    """Status, headers and body, read from the response that the template sets for API Gateway."""
    response = gateway_responses()["MISSING_AUTHENTICATION_TOKEN"]
    headers = {
        name: value.strip("'") if value.startswith("'") else f"req-{uuid.uuid4()}"
        for name, value in response["ResponseParameters"]["Headers"].items()
    }
    ((content_type, body),) = response["ResponseTemplates"].items()
    return response["StatusCode"], {"Content-Type": content_type, **headers}, body
