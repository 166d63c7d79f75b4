"""A body that goes to a pod as it came: what Nova would stumble over is refused before."""

import json

import pytest

from chalicelib.api.json_body import check_proxied
from chalicelib.model.errors import InvalidField

NO_NUMBERS = [
    "1e999",
    "-1E999",
    "1e+400",
    "1.5e0000309",
    "9" * 310 + ".0",
    "9" * 250 + "e99",
    "NaN",
    "-Infinity",
]


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("around", ['{"resize": {"flavorRef": %s}}', '{"metadata": {"a": [1, %s]}}', "%s"])
def test_a_number_that_json_can_not_carry_is_refused(number, around):
    with pytest.raises(InvalidField, match="Malformed request body"):
        check_proxied((around % number).encode())


@pytest.mark.parametrize(
    "value",
    [
        *NO_NUMBERS,  # as texts
        "0f5e99d0-9e10-4e55-8e55-3e10e99e9999",
        1e300,
        9 * 10**299,
    ],
)
def test_a_text_or_number_that_only_looks_like_one_goes_to_the_pod(value):
    check_proxied(json.dumps({"metadata": {"a": value}}).encode())


def test_what_is_no_json_is_novas_to_judge():
    check_proxied(b"{" * 5)
    check_proxied(b"not JSON")
