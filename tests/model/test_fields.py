import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import an_object, inside_of, mapping, number, text, texts, whole


def refusal(reader, value):
    with pytest.raises(InvalidField) as refused:
        reader("size", value)
    return refused.value.field, str(refused.value)


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_only_a_whole_number_is_one(value):
    assert refusal(whole(), value) == ("size", "must be a whole number")


@pytest.mark.parametrize("value", [0, 1, 2.5, float("nan"), float("inf"), 10**400])
def test_a_number_keeps_its_bounds_and_says_them(value):
    told = refusal(number(0, 1, above_low=True, below_high=True), value)

    assert told == ("size", f"must be above 0 and below 1, not {value}")


def test_a_text_keeps_out_what_no_screen_shows():
    assert refusal(text(), "a\x00b") == ("size", "must not contain '\\x00'")


def test_a_list_of_ids_has_none_twice():
    assert refusal(texts, ["a", "b", "a"]) == ("size", "names a more than once")


def test_a_value_in_an_object_is_refused_by_its_path():
    assert refusal(mapping(whole()), {"a": -1})[0] == "size.a"
    assert refusal(mapping(whole(), keys=("a",)), {"b": 1})[0] == "size.b"


def test_what_is_refused_further_in_is_told_with_the_whole_path():
    with pytest.raises(InvalidField) as refused, inside_of("pods.0"):
        whole()("size", -1)

    assert refused.value.field == "pods.0.size"


def test_anything_but_an_object_is_told_what_was_meant():
    assert refusal(an_object("must be a window"), []) == ("size", "must be a window")
