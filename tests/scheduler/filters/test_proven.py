from chalicelib.scheduler.filters.proven import ProvenFilter
from chalicelib.scheduler.rule import Scope
from chalicelib.scheduler.sentences import reason_for_tenants, sentence
from tests.builders import a_filled_pod, a_pod, a_spec


def test_a_pod_that_answered_passes_also_without_a_report():
    assert ProvenFilter().reject(a_pod(), a_spec()) is None
    assert ProvenFilter().reject(a_filled_pod(), a_spec()) is None


def test_a_pod_that_never_answered_takes_nothing_and_keeps_no_binding():
    rejection = ProvenFilter().reject(a_pod(proven=False), a_spec(bound_to="pod-a"))

    assert (rejection.scope, rejection.numbers) == (Scope.POD, ())
    assert sentence(rejection) == "has never answered since it was registered or its address changed"
    assert reason_for_tenants("proven") == "isn't in service yet"


def test_a_report_of_an_earlier_address_proves_nothing():
    assert ProvenFilter().reject(a_filled_pod(proven=False), a_spec()) is not None
