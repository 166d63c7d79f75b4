"""A pod's record can be read whichever version of this code wrote it."""

from datetime import UTC, datetime

from chalicelib.adapters.dynamodb.pod_codec import read_pod, write_pod
from chalicelib.model.pod import DiskMode, Pod, PodState
from chalicelib.model.window import Repeats, Window
from tests.builders import a_full_pod

# A record as the first version wrote it: times end with their offset.
FIRST = {
    "pod_id": "pod-a",
    "pod_name": "PodA",
    "az_name": "az1",
    "created_at": "2025-05-02T12:00:00.000001+00:00",
    "pod_az_name": "nova",
    "dc_name": "dc1",
    "endpoints": {"compute": "https://pod.example/v2.1"},
    "state": "cordoned",
    "affinity_tags": {"resource": "CAD Modeling"},
    "weight": 12.5,
    "headroom": 0.1,
    "bind_watermark": 0.8,
    "keep_watermark": 0.85,
    "max_instances": 7,
    "disk": "shared",
    "allocation_ratios": {"vcpus": 4.0},
    "reserved": {"ram_mb": 512},
    "allowed_project_ids": ["p1", "p2"],
    "denied_project_ids": ["p3"],
    "windows": [
        {
            "start": "2026-03-29T02:30:00",
            "end": "2026-03-29T04:00:00",
            "timezone": "Europe/Berlin",
            "repeats": "weekly",
            "reason": "new switches",
        }
    ],
    "credential_ref": "pod-a",
    "generation": 3,
}
POD = Pod(
    "pod-a",
    "PodA",
    "az1",
    created_at=datetime(2025, 5, 2, 12, 0, 0, 1, tzinfo=UTC),
    pod_az_name="nova",
    dc_name="dc1",
    endpoints={"compute": "https://pod.example/v2.1"},
    state=PodState.CORDONED,
    affinity_tags={"resource": "CAD Modeling"},
    weight=12.5,
    headroom=0.1,
    bind_watermark=0.8,
    keep_watermark=0.85,
    max_instances=7,
    disk=DiskMode.SHARED,
    allocation_ratios={"vcpus": 4.0},
    reserved={"ram_mb": 512},
    allowed_project_ids=frozenset({"p1", "p2"}),
    denied_project_ids=frozenset({"p3"}),
    windows=(
        Window(
            datetime(2026, 3, 29, 2, 30),
            datetime(2026, 3, 29, 4),
            "Europe/Berlin",
            Repeats.WEEKLY,
            "new switches",
        ),
    ),
    credential_ref="pod-a",
    generation=3,
)


SINCE = {
    "state_reason": "",
    "proven": False,
    "address_generation": 1,
    "auth_url": "",
    "region_name": "",
    "project_credentials": {},
    "pod_project_ids": {},
}


def test_a_record_of_the_first_version_is_read_and_written_again_alike():
    assert read_pod(FIRST) == POD
    assert write_pod(POD) == {**FIRST, **SINCE, "created_at": "2025-05-02T12:00:00.000001Z"}


def test_what_another_version_wrote_or_left_out_is_passed_over():
    record = {**write_pod(a_full_pod()), "colour": "red"}
    del record["weight"]

    assert read_pod(record) == a_full_pod(weight=0.0)
