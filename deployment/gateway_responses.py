"""Gateway responses: what API Gateway answers before a function is called, in the form of Nova's faults."""

from __future__ import annotations

import json

from deployment import Json

RETRY_AFTER_SECONDS = 1
_HEADERS = {
    "X-Openstack-Request-Id": "context.requestId",
    "X-Compute-Request-Id": "context.requestId",
    "X-Trio2o-Request-Id": "context.requestId",
    "OpenStack-API-Version": "'compute 2.1'",
    "X-OpenStack-Nova-API-Version": "'2.1'",
    "Vary": "'OpenStack-API-Version, X-OpenStack-Nova-API-Version'",
}
_UNKNOWN_OUTCOME = (
    "The outcome is unknown: look at what there is, such as the list of servers, before trying again."
)


def gateway_responses() -> Json:
    """The answers by API Gateway's response type. Each has the status that its body names.

    They become part of the API's definition. As resources of their own, they would take effect only with the
    stage's next deployment.
    """
    unknown_path = _response(404, "itemNotFound", "The resource could not be found.")
    return {
        "MISSING_AUTHENTICATION_TOKEN": unknown_path,
        # This is for an unknown path with an Authorization header: none of our routes uses AWS signatures.
        "INVALID_SIGNATURE": unknown_path,
        "RESOURCE_NOT_FOUND": unknown_path,
        "REQUEST_TOO_LARGE": _response(413, "overLimit", "The request is too large."),
        "UNSUPPORTED_MEDIA_TYPE": _response(415, "badMediaType", "Unsupported Content-Type."),
        "THROTTLED": _response(429, "overLimit", "Too many requests at once.", RETRY_AFTER_SECONDS),
        "INTEGRATION_TIMEOUT": _response(504, "computeFault", f"No answer in time. {_UNKNOWN_OUTCOME}"),
        "INTEGRATION_FAILURE": _response(504, "computeFault", f"No answer. {_UNKNOWN_OUTCOME}"),
        "DEFAULT_4XX": _response(400, "badRequest", "The request could not be understood."),
        "DEFAULT_5XX": _response(500, "computeFault", f"Unexpected gateway error. {_UNKNOWN_OUTCOME}"),
    }


def _response(status: int, name: str, message: str, retry_after_seconds: int = 0) -> Json:
    inside: Json = {"code": status, "message": message}
    headers = dict(_HEADERS)
    if name == "overLimit":
        inside["retryAfter"] = retry_after_seconds
    if retry_after_seconds:
        headers["Retry-After"] = f"'{retry_after_seconds}'"
    return {
        "StatusCode": status,
        "ResponseTemplates": {"application/json": json.dumps({name: inside})},
        "ResponseParameters": {"Headers": headers},
    }
