"""What every trouble store does."""

import pytest

from chalicelib.model.errors import GenerationConflict
from chalicelib.model.trouble import Trouble
from tests.builders import NOW

TROUBLE = Trouble(
    "pod-a", failed_calls=3, first_failed_at=NOW, opened_at=NOW, failed_builds=1.25, builds_at=NOW
)


def test_a_pod_without_trouble_has_a_blank_one(stores):
    assert stores.troubles.get("pod-a") == Trouble("pod-a")
    assert stores.troubles.list() == []


def test_a_trouble_is_read_as_it_was_written(stores):
    written = stores.troubles.put(TROUBLE)

    assert written.generation == 1
    assert stores.troubles.get("pod-a") == written
    stores.troubles.put(Trouble("pod-0"))
    assert [trouble.pod_id for trouble in stores.troubles.list()] == ["pod-0", "pod-a"]


@pytest.mark.parametrize("written", [0, 2])
def test_who_read_before_another_wrote_is_refused(stores, written):
    read = TROUBLE
    for _ in range(written):
        read = stores.troubles.put(read)
    winner = stores.troubles.put(read)

    with pytest.raises(GenerationConflict):
        stores.troubles.put(read)
    assert stores.troubles.get("pod-a") == winner
