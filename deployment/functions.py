"""Functions: what Chalice's configuration can't say about each, and where each one logs."""

from __future__ import annotations

from deployment.parameters import Json, environment
from deployment.queues import QUEUE, SUBSCRIPTION

API = "APIHandler"
REFRESH = "RefreshCapacity"
ERRAND = "PodErrand"
JOBS = "RunJobs"
WAKE = "WakeJobs"
FUNCTIONS = (API, REFRESH, ERRAND, JOBS, WAKE)
SENDERS = (API, JOBS, WAKE)


def function_resources() -> Json:
    """The functions as Chalice names them, each with what is merged into it."""
    return {function: {"Properties": _properties(function)} for function in FUNCTIONS}


def log_groups() -> Json:
    """A log group for each function, whose role may write there and nowhere else."""
    return {
        log_group(function): {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {"RetentionInDays": {"Ref": "LogRetentionDays"}},
        }
        for function in FUNCTIONS
    }


def log_group(function: str) -> str:
    """The logical name of a function's log group."""
    return f"{function}Logs"


def _properties(function: str) -> Json:
    variables = environment()
    properties: Json = {
        # An environment belongs to one function: what all of them need is repeated for each.
        "Environment": {"Variables": variables},
        "LoggingConfig": {"LogGroup": {"Ref": log_group(function)}},
    }
    if function == API:
        variables["TRIO2O_ERRAND_FUNCTION"] = {"Ref": ERRAND}
    if function in SENDERS:
        variables["TRIO2O_JOB_QUEUE_URL"] = {"Ref": QUEUE}
    if function == JOBS:
        # What Chalice wrote names a queue of its own making; a list of failures spares the rest.
        properties["Events"] = {
            SUBSCRIPTION: {
                "Properties": {
                    "Queue": {"Fn::GetAtt": [QUEUE, "Arn"]},
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                }
            }
        }
    if function in (REFRESH, WAKE):
        # A tick that failed or came late isn't made up for: the next one is a minute away.
        properties["EventInvokeConfig"] = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    return properties
