"""What every lease store does."""

from datetime import timedelta

from tests.builders import NOW

UNTIL = NOW + timedelta(seconds=55)
NEXT = NOW + timedelta(seconds=60)


def test_one_has_the_lease_until_it_is_given_back(stores):
    assert stores.leases.take(NOW, UNTIL)
    assert not stores.leases.take(NOW + timedelta(seconds=1), NEXT)

    stores.leases.give_back(UNTIL)
    assert stores.leases.take(NOW + timedelta(seconds=2), NEXT)


def test_a_lease_that_was_never_given_back_ends_by_itself(stores):
    stores.leases.take(NOW, UNTIL)

    assert not stores.leases.take(UNTIL - timedelta(seconds=1), NEXT)
    assert stores.leases.take(UNTIL, UNTIL + timedelta(seconds=55))


def test_who_is_late_does_not_give_back_the_lease_of_another(stores):
    stores.leases.take(NOW, UNTIL)
    stores.leases.take(NEXT, NEXT + timedelta(seconds=55))

    stores.leases.give_back(UNTIL)
    assert not stores.leases.take(NEXT, NEXT + timedelta(seconds=56))


def test_giving_back_what_nobody_has_is_harmless(stores):
    stores.leases.give_back(UNTIL)

    assert stores.leases.take(NOW, UNTIL)


def test_the_lease_is_no_snapshot(stores):
    stores.leases.take(NOW, UNTIL)

    assert (stores.snapshots.get(), stores.snapshots.version()) == (None, 0)
