"""Locality of images, which lie in Glances that several pods may share."""

from dataclasses import replace

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Unavailable
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.service.asking.locality import Locality
from tests.builders import SetClock, a_pod
from tests.service.asking.lookups import OTHER, Lookup, a_pod_that_lets_in, locality
from tests.service.desk import OPERATOR
from tests.service.kinds.scripted_pods import StrictFanOut

HERE, ELSEWHERE = "http://a/image", "http://b/image"
NETWORK = NamedResource(Noun.NETWORK, "net-1")
IMAGE = NamedResource(Noun.IMAGE, "img-1")
FOURTH = a_pod("d", endpoints={"image": "http://d/image"})


@pytest.fixture
def clock():
    return SetClock()


def with_glances(**urls):
    return [a_pod(pod_id, endpoints={"image": url} if url else {}) for pod_id, url in urls.items()]


APART = with_glances(a="http://a/image", b="http://b/image/v2/", c="http://b/image")


def test_an_image_that_not_every_glance_has_pins_to_all_pods_that_share_one_which_has_it(clock):
    lookup = Lookup(b=["img-1"])

    assert locality(lookup, clock).pins(OPERATOR, [IMAGE], APART) == {"image img-1": {"b", "c"}}
    assert [pod_id for pod_id, _, _ in lookup.asked] == ["a", "b"]


@pytest.mark.parametrize(
    "urls", [{"a": "http://g/image", "b": "http://g/image/"}, {"a": "", "b": "http://b"}, {}]
)
def test_a_shared_glance_asks_nobody(clock, urls):
    lookup = Lookup()

    assert locality(lookup, clock).pins(OPERATOR, [IMAGE], with_glances(**urls)) == {}
    assert lookup.asked == []


def test_an_image_that_is_everywhere_is_asked_for_once_an_hour_for_all_projects(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"])
    place = locality(lookup, clock)

    assert [place.pins(caller, [IMAGE], APART) for caller in (OPERATOR, OTHER, OPERATOR)] == [{}] * 3
    assert len(lookup.asked) == 2
    clock.passes(3600)
    place.pins(OPERATOR, [IMAGE], APART)
    assert len(lookup.asked) == 4


def test_a_new_pod_is_asked_whether_it_has_the_image_too(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"])
    place = locality(lookup, clock)
    place.pins(OPERATOR, [IMAGE], APART)

    assert place.pins(OPERATOR, [IMAGE], [*APART, FOURTH]) == {"image img-1": {"a", "b", "c"}}


def test_a_silent_glance_keeps_no_server_from_its_pod_unless_the_image_is_known_not_to_be_everywhere(clock):
    pods = [*APART, FOURTH]
    lookup = Lookup(a=["img-1"], b=["img-1"])
    lookup.down = {"d"}
    place = locality(lookup, clock)

    assert place.pins(OPERATOR, [IMAGE], pods) == {}
    clock.passes(60)
    lookup.held = {"a": ["img-1"]}
    assert place.pins(OPERATOR, [IMAGE], pods) == {"image img-1": {"a"}}


def test_an_image_that_nobody_shows_while_a_glance_is_silent_is_worth_waiting_for(clock):
    lookup = Lookup()
    lookup.down = {"b"}

    with pytest.raises(Unavailable, match="image img-1"):
        locality(lookup, clock).pins(OPERATOR, [IMAGE], APART)


def test_a_pod_whose_glance_is_not_known_may_have_any_image(clock):
    pods = with_glances(a="http://a/image", b="http://b/image", c="")

    assert locality(Lookup(b=["img-1"]), clock).pins(OPERATOR, [IMAGE], pods) == {"image img-1": {"b", "c"}}


def test_an_image_is_known_to_be_everywhere_for_all_where_all_pods_were_asked(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"], c=["img-1"])
    pods = [*with_glances(a=HERE, b=ELSEWHERE), a_pod_that_lets_in("c", OPERATOR, url="http://c/image")]
    place = locality(lookup, clock)

    assert [place.pins(caller, [IMAGE], pods) for caller in (OPERATOR, OTHER)] == [{}, {}]
    assert len(lookup.asked) == 3


def test_who_may_not_ask_all_pods_learns_only_for_its_own_project_that_an_image_is_everywhere(clock):
    lookup = Lookup(a=["img-1"], b=["img-1"])
    pods = [*with_glances(a=HERE, b=ELSEWHERE), a_pod_that_lets_in("c", OPERATOR, url="http://c/image")]
    place = locality(lookup, clock)

    assert [place.pins(OTHER, [IMAGE], pods) for _ in range(2)] == [{}, {}]
    assert len(lookup.asked) == 2
    assert place.pins(OPERATOR, [IMAGE], pods) == {"image img-1": {"a", "b"}}


@pytest.mark.parametrize(
    ("named", "seconds"), [([IMAGE], 2.0), ([NETWORK], 5.0), ([IMAGE, NETWORK], 5.0), ([NETWORK, IMAGE], 5.0)]
)
@pytest.mark.parametrize("left", [None, 1.0])
def test_images_alone_are_waited_for_less_and_nothing_longer_than_the_request_has(
    clock, named, seconds, left
):
    fan_out = StrictFanOut()
    caller = replace(OPERATOR, deadline=Deadline.after(left, clock)) if left else OPERATOR
    Locality(Lookup(a=["img-1"], b=["img-1"]), fan_out, clock, 5.0).pins(caller, named, APART)

    assert fan_out.waits == [left or seconds]


def test_where_no_glance_answers_nothing_is_known(clock):
    lookup = Lookup()
    lookup.down = {"a", "b", "c"}

    with pytest.raises(Unavailable, match="image img-1"):
        locality(lookup, clock).pins(OPERATOR, [IMAGE], APART)
