import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.fields import an_object, mapping, number, read_fields, read_wrapped, text, texts, whole
from chalicelib.model.refusals import LONGEST_KEY, MOST_NAMED, inside_of


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


def wrong_fields(read):
    with pytest.raises(InvalidField) as refused:
        read()
    return [wrong.field for wrong in refused.value.wrong]


def test_all_bad_fields_are_told_at_once_the_unknown_first_and_the_missing_next():
    given = {"size": -1, "colour": "red", "name": "", "": 1, "tags": {"a": 1, "b": "x", "": "y"}}
    readers = {"size": whole(), "name": text(), "tags": mapping(text()), "zone": text()}

    told = wrong_fields(lambda: read_fields(given, readers, required=("zone",)))

    assert told == ["colour", '""', "zone", "size", "name", "tags.a", 'tags.""']


def test_fields_that_dont_go_together_are_told_with_those_that_are_bad():
    def crossed(values):
        if values.get("low", 0) > values.get("high", 0):
            raise InvalidField("low", "must be below high")

    readers = dict.fromkeys(("low", "high", "size"), whole())

    assert wrong_fields(
        lambda: read_fields({"low": 2, "high": 1, "size": -1}, readers, together=crossed)
    ) == [
        "size",
        "low",
    ]


def test_what_stands_beside_a_bodys_object_is_told_with_what_is_in_it():
    body = {"pod": {"size": -1}, "extra": 1, "reason": 5}

    def read(given):
        return read_fields(given, {"size": whole()})

    assert wrong_fields(lambda: read_wrapped(body, "pod", read, {"reason": text()})) == [
        "extra",
        "size",
        "reason",
    ]


def test_an_answer_stays_small_however_much_is_wrong():
    many = {f"key-{number}": 1 for number in range(MOST_NAMED + 1)}

    assert wrong_fields(lambda: read_fields(many, {})) == list(many)[:MOST_NAMED]
    assert wrong_fields(lambda: read_fields({"x" * 1000: 1}, {})) == ["x" * LONGEST_KEY + "..."]
