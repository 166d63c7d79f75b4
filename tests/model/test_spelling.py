import pytest

from chalicelib.model.spelling import usual_spelling


@pytest.mark.parametrize(
    ("typed", "usual"),
    [
        ("801C5710-D1FC-4418-85BB-93BCDC650795", "801c5710-d1fc-4418-85bb-93bcdc650795"),
        ("1ECF6C638cd353feb6531c1b56b3275b", "1ecf6c638cd353feb6531c1b56b3275b"),
        ("Pod1", "Pod1"),
        ("{801C5710-D1FC-4418-85BB-93BCDC650795}", "{801C5710-D1FC-4418-85BB-93BCDC650795}"),
        ("", ""),
    ],
)
def test_a_uuid_has_one_spelling_and_any_other_text_its_own(typed, usual):
    assert usual_spelling(typed) == usual
