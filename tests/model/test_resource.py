import pytest

from chalicelib.model.resource import Resource


def test_a_located_resource_must_say_by_which_field_its_rows_are_dated():
    with pytest.raises(ValueError, match="volumes are located"):
        Resource("volume", "volumes", "volume", "Volume", located=True)
