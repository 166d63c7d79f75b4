from chalicelib.scheduler.sentences import sentence
from chalicelib.scheduler.standing import may_use, misfits
from tests.builders import PROJECT, a_pod

CAD = {"resource": "CAD Modeling"}


def test_a_project_may_use_the_pods_that_are_open_to_it():
    assert may_use(a_pod(), PROJECT)
    assert may_use(a_pod(affinity_tags=CAD), PROJECT), "tags are a matter of what is asked for"
    assert not may_use(a_pod(denied_project_ids=frozenset({PROJECT})), PROJECT)
    assert not may_use(a_pod(allowed_project_ids=frozenset({"another"})), PROJECT)


def test_a_binding_fits_where_access_and_tags_do():
    assert misfits(a_pod(affinity_tags=CAD), PROJECT, CAD) == ()
    closed = a_pod(allowed_project_ids=frozenset({"another"}))
    told = [sentence(rejection) for rejection in misfits(closed, PROJECT, CAD)]
    assert told == [
        "is only for other projects",
        "lacks the tag resource=CAD Modeling that the flavor asks for",
    ]


def test_no_binding_fits_a_pod_that_is_not_proven():
    told = [sentence(rejection) for rejection in misfits(a_pod(proven=False), PROJECT, {})]

    assert told == ["has never answered since it was registered or its address changed"]
