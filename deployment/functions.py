"""Functions: what Chalice's configuration can't say about each function, and where each one logs."""

from __future__ import annotations

from deployment import Json
from deployment.parameters import environment, variable
from deployment.queues import QUEUE, SUBSCRIPTION

API = "APIHandler"
REFRESH = "RefreshCapacity"
ERRAND = "PodErrand"
JOBS = "RunJobs"
WAKE = "WakeJobs"
CLEAN = "CleanKeypairs"
FUNCTIONS = (API, REFRESH, ERRAND, JOBS, WAKE, CLEAN)
SENDERS = (API, JOBS, WAKE)


def function_resources() -> Json:
    """The functions by Chalice's names, each with what is merged into it."""
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
        # Each function has an environment of its own, so what all functions need is repeated.
        "Environment": {"Variables": variables},
        "LoggingConfig": {"LogGroup": {"Ref": log_group(function)}},
    }
    if function == API:
        variables[variable("errand_function")] = {"Ref": ERRAND}
    if function in SENDERS:
        variables[variable("job_queue_url")] = {"Ref": QUEUE}
    if function == JOBS:
        # This replaces the placeholder in app.py by the queue. ReportBatchItemFailures lets SQS deliver only
        # those messages again that the function's answer lists.
        properties["Events"] = {
            SUBSCRIPTION: {
                "Properties": {
                    "Queue": {"Fn::GetAtt": [QUEUE, "Arn"]},
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                }
            }
        }
    if function in (REFRESH, WAKE, CLEAN):
        # A run that failed or is late isn't repeated: the next one comes within a minute.
        properties["EventInvokeConfig"] = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    if function == REFRESH:
        # An account that may run few functions can't reserve one, so this is the operator's choice. That one
        # refresh runs at a time doesn't depend on it.
        reserved = {"Fn::If": ["ReservesRefresh", 1, {"Ref": "AWS::NoValue"}]}
        properties["ReservedConcurrentExecutions"] = reserved
    return properties
