"""The marker of a create, and how far a create has come."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model.intent import IntentState, Marker, marker_in, slot_of
from tests.builders import NOW, an_intent


def test_a_marker_is_read_as_it_was_written_and_fits_into_a_tag_of_nova():
    marker = an_intent(slot_of("project", "key") + "12345678", attempt=3).marker

    assert marker_in(str(marker)) == marker
    assert marker.slot == slot_of("project", "key")
    assert len(str(Marker(marker.intent_id, 999))) <= 60
    assert not set(str(marker)) & set("/,")


@given(st.one_of(st.none(), st.text(), st.from_regex(r"trio2o:.*:.*", fullmatch=True)))
def test_whatever_a_tenant_calls_a_tag_it_is_a_marker_of_this_form_or_none(text):
    found = marker_in(text)

    assert found is None or marker_in(str(found)) == found


def test_keys_of_two_projects_never_share_a_slot():
    assert slot_of("a", "key") != slot_of("b", "key")
    assert slot_of("a", "key") != slot_of("a", "yek")
    assert len(slot_of("a", "key")) == 32


def test_the_next_attempt_is_settled_by_its_own_time():
    first = an_intent(absent_at=NOW).failed()
    later = NOW + timedelta(hours=1)

    again = first.tried_again("pod-b", "decision-2", later, timedelta(minutes=5))

    assert (again.state, again.attempt, again.pod_id) == (IntentState.POSTING, 2, "pod-b")
    assert not again.is_settled(later)
    assert again.is_settled(later + timedelta(minutes=5))
    assert again.absent_at is None
    assert str(again.marker) != str(first.marker)


def test_the_first_proof_of_absence_counts():
    absent = an_intent().absent(NOW)

    assert absent.absent(NOW + timedelta(seconds=60)).absent_at == NOW
