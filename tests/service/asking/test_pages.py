"""Pages: what a pod lists counts only as rows with ids, on pages that go on and come to an end."""

import pytest

from chalicelib.model.errors import InvalidField, NoAnswer
from chalicelib.model.resource import IMAGES, SERVERS
from chalicelib.service.asking import pages as pages_module
from chalicelib.service.asking.answer import PodAnswer, PodRefused
from chalicelib.service.asking.pages import MOST_PAGES, Listed, brief, pages, rows_of, unknown_marker
from tests.builders import a_pod
from tests.service.kinds.scripted_pods import proxy_page, reply

POD = a_pod("pod-a")


def listed(*ids, **others):
    return reply({"images": [{"id": each, "name": f"{each}"} for each in ids], **others})


def rows(*ids):
    return [{"id": each, "name": each} for each in ids]


def test_a_page_has_the_rows_and_whether_another_follows():
    assert rows_of(POD, listed("a", "b"), IMAGES) == (rows("a", "b"), False)
    assert rows_of(POD, listed("a", images_links=[{"rel": "next"}]), IMAGES) == (rows("a"), True)
    assert rows_of(POD, listed(images_links=[]), IMAGES) == ([], False)


def test_of_rows_with_one_id_the_first_place_and_the_last_row_count():
    said = reply({"images": [{"id": "a", "name": "old"}, {"id": "b"}, {"id": "a", "name": "new"}]})

    assert rows_of(POD, said, IMAGES) == ([{"id": "a", "name": "new"}, {"id": "b"}], False)


@pytest.mark.parametrize(
    "said",
    [
        reply({}),
        reply([]),
        reply({"images": None}),
        reply({"images": {"a": {"id": "a"}}}),
        reply({"images": ["a"]}),
        reply({"images": [None]}),
        reply({"images": [{"name": "a"}]}),
        reply({"images": [{"id": 7}]}),
        reply({"images": [{"id": "\u00e9"}]}),
        reply({"images": [{"id": "a"}, {"id": None}]}),
        reply({"itemNotFound": {"code": 404}}, 404),
        reply({"images": []}, 202),
        proxy_page(200),
    ],
)
def test_what_is_no_list_of_objects_with_ids_is_no_answer(said):
    with pytest.raises(NoAnswer) as silence:
        rows_of(POD, said, IMAGES)

    assert (silence.value.pod_id, silence.value.sent) == ("pod-a", True)
    assert str(silence.value).startswith(f"PodA answered {said.status}")


def test_rows_that_do_not_look_like_the_resource_are_no_answer():
    with pytest.raises(NoAnswer):
        rows_of(POD, reply({"servers": [{"id": "a", "links": 1}]}), SERVERS)


def test_a_page_may_have_only_so_many_rows(monkeypatch):
    monkeypatch.setattr(pages_module, "MOST_ROWS", 2)

    assert rows_of(POD, listed("a", "b"), IMAGES) == (rows("a", "b"), False)
    with pytest.raises(NoAnswer):
        rows_of(POD, listed("a", "b", "c"), IMAGES)


def test_a_refused_query_is_refused_in_the_pods_own_words():
    said = reply({"badRequest": {"code": 400}}, 400)
    with pytest.raises(PodRefused) as refused:
        rows_of(POD, said, IMAGES)

    assert refused.value.answer == PodAnswer(POD, said)


def read(*script, marker=""):
    """The pages that are read where a pod gives these in turn, and after which ids it was asked."""
    left, asked = list(script), []

    def page_after(after):
        asked.append(after)
        return left.pop(0)

    return list(pages(POD, page_after, marker)), asked


def test_pages_are_read_after_the_last_row_of_each_until_none_follows():
    script = (rows("a", "b"), True), (rows("c"), True), (rows("d"), False)

    assert read(*script) == ([rows("a", "b"), rows("c"), rows("d")], ["", "b", "c"])
    assert read(*script, marker="m")[1] == ["m", "b", "c"]


def test_an_empty_page_is_the_last_whatever_it_links_to():
    assert read((rows("a"), True), ([], True)) == ([rows("a"), []], ["", "a"])


def test_a_row_that_changed_its_place_between_two_pages_may_come_twice():
    assert read((rows("a", "b"), True), (rows("b", "c"), False))[0] == [rows("a", "b"), rows("b", "c")]


@pytest.mark.parametrize("second", [rows("a", "b"), rows("b"), rows("a")])
def test_a_page_with_nothing_new_goes_back(second):
    with pytest.raises(NoAnswer, match="a list of PodA goes back") as silence:
        read((rows("a", "b"), True), (second, True))

    assert (silence.value.pod_id, silence.value.sent) == ("pod-a", True)


def test_a_list_that_does_not_end_is_no_answer():
    script = [(rows(f"vm-{number}"), True) for number in range(MOST_PAGES + 1)]

    assert len(read(*script[: MOST_PAGES - 1], (rows("last"), False))[0]) == MOST_PAGES
    with pytest.raises(NoAnswer, match=f"PodA has more than {MOST_PAGES} pages"):
        read(*script)


def test_a_row_of_a_list_without_details_has_only_what_is_brief():
    row = {"id": "a", "name": "n", "links": [], "status": "ACTIVE"}

    assert brief(IMAGES, Listed(POD, row)) == Listed(POD, {"id": "a", "name": "n", "links": []})


def test_an_unknown_marker_is_refused_in_novas_words():
    error = unknown_marker("vm")

    assert isinstance(error, InvalidField)
    assert (error.field, str(error)) == ("marker", "marker [vm] not found")
