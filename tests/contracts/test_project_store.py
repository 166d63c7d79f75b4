"""What every project store does."""


def test_a_project_never_placed_has_no_pods(stores):
    assert stores.projects.pod_ids("p1") == frozenset()


def test_a_projects_pods_add_up_and_adding_twice_is_harmless(stores):
    for pod_id in ("pod-a", "pod-b", "pod-a"):
        stores.projects.add("p1", pod_id)

    assert stores.projects.pod_ids("p1") == {"pod-a", "pod-b"}
    assert stores.projects.pod_ids("p2") == frozenset()


def test_the_projects_that_name_a_pod_are_told(stores):
    for project_id, pod_id in (("p1", "pod-a"), ("p2", "pod-a"), ("p2", "pod-b")):
        stores.projects.add(project_id, pod_id)

    assert [stores.projects.projects_in(pod_id) for pod_id in ("pod-a", "pod-b", "pod-c")] == [
        ["p1", "p2"],
        ["p2"],
        [],
    ]


def test_a_pod_that_leaves_for_good_is_forgotten_by_every_project(stores):
    for project_id, pod_id in (("p1", "pod-a"), ("p2", "pod-a"), ("p2", "pod-b")):
        stores.projects.add(project_id, pod_id)

    for _ in range(2):
        stores.projects.forget("pod-a")

    assert stores.projects.pod_ids("p1") == frozenset()
    assert stores.projects.pod_ids("p2") == {"pod-b"}
    assert stores.projects.projects_in("pod-a") == []
