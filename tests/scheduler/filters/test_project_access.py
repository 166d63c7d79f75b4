import pytest

from chalicelib.scheduler.filters.project_access import ProjectAccessFilter
from chalicelib.scheduler.rule import Scope
from tests.builders import PROJECT, a_pod, a_spec

THIS, OTHER = frozenset({PROJECT}), frozenset({"another"})
BOTH, NOBODY = THIS | OTHER, frozenset()


@pytest.mark.parametrize(
    ("allowed", "denied", "code"),
    [
        (NOBODY, NOBODY, None),
        (BOTH, OTHER, None),
        (OTHER, NOBODY, "not_allowed"),
        (NOBODY, THIS, "denied"),
        (THIS, THIS, "denied"),
    ],
)
def test_a_pod_takes_those_allowed_and_not_denied(allowed, denied, code):
    pod = a_pod(allowed_project_ids=allowed, denied_project_ids=denied)
    rejection = ProjectAccessFilter().reject(pod, a_spec())

    assert (rejection and rejection.code) == code
    assert rejection is None or rejection.scope is Scope.POD
