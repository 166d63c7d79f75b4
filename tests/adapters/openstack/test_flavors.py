"""Flavors are read from pods that may answer anything."""

import pytest

from chalicelib.adapters.openstack.flavors import MOST_EXTRA_SPECS, read_flavor
from chalicelib.model.errors import UntrustedReport


def row(**extra_specs):
    return {"id": "1", "name": "m1", "vcpus": 1, "ram": 1, "disk": 1, "extra_specs": extra_specs}


def test_a_flavor_keeps_its_extra_specs():
    assert read_flavor(row(a="1", b=2), None).extra_specs == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "extra_specs",
    [{"a": "x" * 256}, {"k" * 256: "x"}, {f"k{n}": "x" for n in range(MOST_EXTRA_SPECS + 1)}],
)
def test_extra_specs_beyond_what_nova_keeps_are_not_believed(extra_specs):
    with pytest.raises(UntrustedReport):
        read_flavor(row(**extra_specs), None)
