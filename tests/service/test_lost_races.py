import pytest

from chalicelib.model.errors import BindingConflict, Conflict, GenerationConflict
from chalicelib.service.lost_races import anew_when_overtaken


def a_write(*losses, by=GenerationConflict):
    """A write that is tried three times at most and loses first to these; with it, how often it ran."""
    runs, left = [], list(losses)

    @anew_when_overtaken(3, by)
    def write(what):
        runs.append(what)
        if left:
            raise left.pop(0)
        return f"{what} written"

    return write, runs


def test_a_write_that_wins_is_made_once():
    write, runs = a_write()

    assert (write("pod"), runs) == ("pod written", ["pod"])


def test_a_write_that_loses_begins_anew():
    write, runs = a_write(GenerationConflict("1"), GenerationConflict("2"))

    assert (write("pod"), len(runs)) == ("pod written", 3)


def test_the_last_loss_is_raised():
    write, runs = a_write(*(GenerationConflict(f"{number}") for number in range(1, 5)))

    with pytest.raises(GenerationConflict, match="3"):
        write("pod")
    assert len(runs) == 3


@pytest.mark.parametrize("refusal", [Conflict("disabled"), GenerationConflict("another row's")])
def test_another_refusal_is_raised_at_once(refusal):
    write, runs = a_write(refusal, by=BindingConflict)

    with pytest.raises(Conflict):
        write("pod")
    assert len(runs) == 1
