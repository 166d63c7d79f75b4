"""Quota sets and limits, as Nova reads and writes them (measured at Nova 34)."""

import json

import pytest

from chalicelib.api.call import Call
from chalicelib.api.nova.quota_bodies import hidden, read_quota, write_limits, write_quota
from chalicelib.model.errors import InvalidField
from chalicelib.model.microversion import Microversion
from chalicelib.model.quota import DEFAULTS

OLD, V36, V39, V57 = (Microversion(2, minor) for minor in (1, 36, 39, 57))


def a_call(body):
    raw = json.dumps(body).encode()
    return Call("PUT", "/os-quota-sets/p", {}, {}, {}, raw, "req-1", "http://gateway.example")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "'quota_set' is a required property"),
        (
            {"quota_set": 3},
            "Invalid input for field/attribute quota_set. Value: 3. 3 is not of type 'object'",
        ),
        (
            {"quota_set": {"foo": 1}},
            "Invalid input for field/attribute quota_set. Value: {'foo': 1}. "
            "Additional properties are not allowed ('foo' was unexpected)",
        ),
        (
            {"quota_set": {"fixed_ips": 1}},
            "Invalid input for field/attribute quota_set. Value: {'fixed_ips': 1}. "
            "Additional properties are not allowed ('fixed_ips' was unexpected)",
        ),
        ({"quota_set": {}, "x": 1}, "Additional properties are not allowed ('x' was unexpected)"),
        (
            {"quota_set": {"cores": -2}},
            "Invalid input for field/attribute cores. Value: -2. -2 is less than the minimum of -1",
        ),
        (
            {"quota_set": {"cores": "a"}},
            "Invalid input for field/attribute cores. Value: a. 'a' does not match '^-?[0-9]+$'",
        ),
        (
            {"quota_set": {"cores": None}},
            "Invalid input for field/attribute cores. Value: None. None is not of type 'integer', 'string'",
        ),
        (
            {"quota_set": {"cores": "9999999999"}},
            "Invalid input for field/attribute cores. Value: 9999999999. "
            "9999999999 is greater than the maximum of 2147483647",
        ),
        (
            {"quota_set": {"force": "maybe"}},
            "Invalid input for field/attribute force. Value: maybe. 'maybe' is not one of [True, 'True', "
            "'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', "
            "'0', 'OFF', 'Off', 'off', 'NO', 'No', 'no']",
        ),
    ],
)
def test_what_nova_refuses_is_refused_in_its_words(body, told):
    with pytest.raises(InvalidField) as refused:
        read_quota(a_call(body), "quota_set", hidden(V36), forcible=True)

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("force", "forced"), [({}, False), ({"force": "on"}, True), ({"force": False}, False)]
)
def test_limits_are_numbers_or_texts_of_them_and_may_be_forced(force, forced):
    body = {"quota_set": {"cores": "-1", "ram": 2048, **force}}

    assert read_quota(a_call(body), "quota_set", hidden(V36), True) == ({"cores": -1, "ram": 2048}, forced)


def test_a_class_is_never_forced():
    with pytest.raises(InvalidField):
        read_quota(a_call({"quota_class_set": {"force": True}}), "quota_class_set", (), forcible=False)


def test_each_microversion_shows_its_own_fields():
    networks = {"fixed_ips", "floating_ips", "security_group_rules", "security_groups"}
    files = {"injected_files", "injected_file_content_bytes", "injected_file_path_bytes"}
    shown = {version: set(write_quota(DEFAULTS, hidden(version))) for version in (OLD, V36, V57)}

    assert shown[OLD] - shown[V36] == networks
    assert shown[V36] - shown[V57] == files
    assert list(write_quota(DEFAULTS, (), "p1")) == ["id", *sorted(DEFAULTS)]


def test_limits_tell_what_is_used_beside_what_may_be():
    used = {**dict.fromkeys(DEFAULTS, 0), "instances": 3, "ram": 1536, "cores": 3}
    fields = {v: set(write_limits(DEFAULTS, used, v)["limits"]["absolute"]) for v in (OLD, V36, V39, V57)}

    assert fields[OLD] - fields[V36] == {
        "maxTotalFloatingIps",
        "maxSecurityGroups",
        "maxSecurityGroupRules",
        "totalFloatingIpsUsed",
        "totalSecurityGroupsUsed",
    }
    assert fields[V36] - fields[V39] == {"maxImageMeta"}
    assert fields[V39] - fields[V57] == {"maxPersonality", "maxPersonalitySize"}
    assert write_limits(DEFAULTS, used, V57) == {
        "limits": {
            "rate": [],
            "absolute": {
                "maxTotalCores": 20,
                "maxTotalInstances": 10,
                "maxTotalKeypairs": 100,
                "maxServerMeta": 128,
                "maxTotalRAMSize": 51200,
                "maxServerGroups": 10,
                "maxServerGroupMembers": 10,
                "totalRAMUsed": 1536,
                "totalCoresUsed": 3,
                "totalInstancesUsed": 3,
                "totalServerGroupsUsed": 0,
            },
        }
    }
