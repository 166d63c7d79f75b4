"""Parameters: what an operator chooses at ``aws cloudformation deploy``, and how the functions see it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def parameters() -> Json:
    """The template's parameters. Only Keystone's address has no default."""
    return {
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
        "TablePrefix": {
            "Type": "String",
            "Default": "trio2o",
            "AllowedPattern": "[a-zA-Z0-9_.-]{1,64}",
            "Description": "Tables are named <prefix>-<noun>; a second stack in an account needs its own",
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
        "AlarmTopicArn": {
            "Type": "String",
            "Default": "",
            "Description": "The SNS topic that alarms go to; empty: they only change colour",
        },
    }


def conditions() -> Json:
    """The conditions that the template works out from its parameters."""
    return {"HasAlarmTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmTopicArn"}, ""]}]}}


def environment() -> Json:
    """The environment of every function, spelled as ``chalicelib/settings.py`` reads it."""
    return {
        "TRIO2O_AUTH_URL": {"Ref": "AuthUrl"},
        "TRIO2O_PUBLIC_URL": {"Ref": "PublicUrl"},
        "TRIO2O_INTERFACE": {"Ref": "Interface"},
        "TRIO2O_DEFAULT_AZ_NAME": {"Ref": "DefaultZone"},
        "TRIO2O_TABLE_PREFIX": {"Ref": "TablePrefix"},
        "TRIO2O_AWS_REGION": {"Ref": "AWS::Region"},
        "TRIO2O_LOG_LEVEL": {"Ref": "LogLevel"},
    }
