from datetime import datetime

import pytest

from chalicelib.model.json_values import from_json, to_json
from chalicelib.model.pod_table import READERS, SHOWN, read, write
from tests.builders import NOW, a_full_pod, a_pod


def test_what_an_operator_sets_is_shown_and_explained_to_him():
    assert set(READERS) <= set(SHOWN)


def test_what_is_written_of_a_pod_is_read_again():
    pod = a_full_pod()

    assert a_pod(**read(write(pod, READERS), READERS)) == a_full_pod("pod-a")


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (datetime, NOW),
        (datetime | None, NOW),
        (datetime | None, None),
        (frozenset[str], frozenset({"b", "a"})),
        (tuple[str, ...], ("b", "a")),
    ],
)
def test_a_fields_value_is_the_same_after_json(hint, value):
    assert from_json(hint)(to_json(value)) == value
