import pytest

from chalicelib.service.observing.lease import LEASE_SECONDS
from tests.service.desk import World


@pytest.fixture
def desk():
    return World()


def test_while_one_process_observes_no_other_does(desk):
    lease = desk.services.lease

    with lease.taken() as first:
        with lease.taken() as second:
            assert (first, second) == (True, False)
        with lease.taken() as third:
            assert not third, "the second one doesn't give back what it never had"
    with lease.taken() as again:
        assert again


def test_a_refresh_that_failed_gives_its_lease_back(desk):
    with pytest.raises(ValueError, match="the pods are on holiday"), desk.services.lease.taken():
        raise ValueError("the pods are on holiday")

    with desk.services.lease.taken() as ours:
        assert ours


def test_a_process_that_died_keeps_the_lease_from_no_tick_a_minute_later(desk):
    desk.services.lease.taken().__enter__()
    desk.clock.passes(LEASE_SECONDS)

    with desk.services.lease.taken() as ours:
        assert ours
    assert LEASE_SECONDS < 60
