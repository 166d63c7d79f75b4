import pytest

from chalicelib.model.affinity import GENERAL, MOST_GROUP_LETTERS, affinity_group, tags_of


@pytest.mark.parametrize("tags", [{}, {"a": "b"}, {"resource": "CAD, #1", "a=b": "\u2603"}, {"k": ""}])
def test_a_groups_name_leads_back_to_its_tags(tags):
    assert tags_of(affinity_group(tags)) == tags


@pytest.mark.parametrize(
    "name", ["", "general ", "b=1,a=1", "a", "a=b c", "a=1,a=2", "k=" + "x" * MOST_GROUP_LETTERS]
)
def test_a_name_that_no_tags_have_is_no_group(name):
    assert tags_of(name) is None


def test_the_general_group_asks_for_no_tags():
    assert tags_of(GENERAL) == {}
