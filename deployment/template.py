"""Template: what is merged into the CloudFormation template that Chalice writes.

``python -m deployment.template > build/extra.json``, then ``chalice package --merge-template``.
"""

from __future__ import annotations

import json
import sys

from deployment import Json
from deployment.alarms import alarms
from deployment.functions import function_resources, log_groups
from deployment.gateway_responses import gateway_responses
from deployment.parameters import conditions, parameters
from deployment.queues import queues
from deployment.tables import table_resources


def extra() -> Json:
    """All that Chalice doesn't write itself. Chalice merges dicts into its own deeply, and replaces lists."""
    return {
        "Description": "Trio2o: one OpenStack cloud out of many",
        "Parameters": parameters(),
        "Conditions": conditions(),
        "Resources": {
            **table_resources(),
            **queues(),
            **log_groups(),
            **function_resources(),
            **alarms(),
            "RestAPI": {"Properties": _api()},
        },
    }


def _api() -> Json:
    every_method: Json = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": {"Ref": "RequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "RequestBurst"},
        "MetricsEnabled": True,
        # It would write headers with tokens to a log.
        "DataTraceEnabled": False,
    }
    return {"GatewayResponses": gateway_responses(), "MethodSettings": [every_method]}


if __name__ == "__main__":
    json.dump(extra(), sys.stdout, indent=1)
