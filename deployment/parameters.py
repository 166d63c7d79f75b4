"""Parameters: what an operator chooses at ``aws cloudformation deploy``, and how the functions see it."""

from __future__ import annotations

from dataclasses import fields

from chalicelib.settings import PREFIX_PATTERN, PREFIX_RULE, STRAY_ACTIONS, Settings
from deployment import Json

# The template itself gives these: our region, and the addresses of its own resources.
GIVEN = frozenset({"aws_region", "errand_function", "job_queue_url"})
# These are for a laptop; ``environment`` holds all variables and is none.
NOT_DEPLOYED = frozenset({"dynamodb_url", "allow_http", "environment"})
CHOSEN = tuple(field.name for field in fields(Settings) if field.name not in GIVEN | NOT_DEPLOYED)
_NAMES = {"default_az_name": "DefaultZone"}
_VALUES: dict[type, Json] = {
    str: {},
    bool: {"AllowedValues": ["true", "false"]},
    int: {"AllowedPattern": "[0-9]{1,9}", "ConstraintDescription": "must be a whole number"},
    float: {"AllowedPattern": "[0-9]{1,9}([.][0-9]{1,9})?", "ConstraintDescription": "must be a number"},
}


def parameters() -> Json:
    """The template's parameters: one for each setting, and what only the template asks for.

    Only Keystone's address has no default.
    """
    worded: Json = {
        "AuthUrl": {
            "Type": "String",
            "Description": "Keystone, with its version: https://keystone.example.org/v3",
            "AllowedPattern": "https://.+/v3",
            "ConstraintDescription": "must start with https:// and end with /v3",
        },
        "PublicUrl": {
            "Type": "String",
            "Default": "",
            "Description": "Our address as clients see it, behind a domain of your own; empty: API Gateway's",
        },
        "Interface": {
            "Type": "String",
            "Default": "public",
            "AllowedValues": ["public", "internal", "admin"],
            "Description": "Which endpoints of Keystone's service catalogue we use to reach pods",
        },
        "DefaultZone": {
            "Type": "String",
            "Default": "",
            "Description": "The availability zone of servers that ask for none; empty: any zone",
        },
        "TrustedOrigins": {
            **_setting("trusted_origins"),
            "Description": "Where service tokens may be sent, beside Keystone's catalogue: https://host, ...",
        },
        "AllowPrivate": {
            **_setting("allow_private"),
            "Description": "true lets Keystone and pods have addresses of private networks, as in a VPC",
        },
        "StrayAction": {
            **_setting("stray_action"),
            "AllowedValues": list(STRAY_ACTIONS),
            "Description": "What becomes of servers that creates left behind and nobody owns",
        },
        "StretchedNetworks": {
            **_setting("stretched_networks"),
            "Description": "Ids of networks that are in several pods, separated by commas",
        },
        "TablePrefix": {
            **_setting("table_prefix"),
            "AllowedPattern": PREFIX_PATTERN,
            "ConstraintDescription": PREFIX_RULE,
            "Description": "Tables are named <prefix>-<noun>; a second stack in an account needs its own",
        },
        "CaBundle": {
            **_setting("ca_bundle"),
            "Description": "A file of trusted certificates, in a layer that you add; empty: the usual ones",
        },
        "FanOutWorkers": {
            **_setting("fan_out_workers"),
            "Description": "How many pods a process asks at once",
        },
        "MetricsEnabled": {
            **_setting("metrics_enabled"),
            "Description": "false writes no metrics, and the alarms that watch ours never ring",
        },
        "LogLevel": {
            "Type": "String",
            "Default": "INFO",
            "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"],
            "Description": "The least grave log lines that are kept",
        },
        "LogRetentionDays": {
            "Type": "Number",
            "Default": 30,
            "AllowedValues": [7, 14, 30, 60, 90, 180, 365],
            "Description": "How long log lines are kept",
        },
        "RequestsPerSecond": {
            "Type": "Number",
            "Default": 200,
            "MinValue": 1,
            "Description": "What the API takes in the long run; more is answered with 429",
        },
        "RequestBurst": {
            "Type": "Number",
            "Default": 400,
            "MinValue": 1,
            "Description": "What the API takes at once",
        },
        "ReservedRefreshes": {
            "Type": "String",
            "Default": "0",
            "AllowedValues": ["0", "1"],
            "Description": "1 keeps one of the account's executions for the refresh; 100 must be left",
        },
        "AlarmTopicArn": {
            "Type": "String",
            "Default": "",
            "Description": "The SNS topic that alarms go to; empty: they only change colour",
        },
    }
    return {**{parameter_name(name): _setting(name) for name in CHOSEN}, **worded}


def conditions() -> Json:
    """The conditions that the template works out from its parameters."""
    return {
        "HasAlarmTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}]},
        "ReservesRefresh": {"Fn::Equals": [{"Ref": "ReservedRefreshes"}, "1"]},
    }


def environment() -> Json:
    """The environment of every function, spelled as ``chalicelib/settings.py`` reads it."""
    chosen = {variable(name): {"Ref": parameter_name(name)} for name in CHOSEN}
    return {variable("aws_region"): {"Ref": "AWS::Region"}, **chosen}


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return f"TRIO2O_{setting.upper()}"


def parameter_name(setting: str) -> str:
    """The template's parameter for a setting: ``breaker_failures`` is BreakerFailures."""
    return _NAMES.get(setting, "".join(word.capitalize() for word in setting.split("_")))


def _setting(name: str) -> Json:
    """A parameter whose default is the setting's own."""
    default = getattr(Settings(), name)
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return {
        "Type": "String",
        "Default": text,
        "Description": f"The setting {name}, see docs/design.md",
        **_VALUES[type(default)],
    }
