"""The Chalice app: the HTTP APIs, the clocks, the queue of jobs, and the API's errands.

Clock and queue handlers are declared here and not with their code, since Chalice runs the event handlers of
a blueprint without the app's middleware.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib import observability
from chalicelib.api.admin.mount import ADMIN_API
from chalicelib.api.door import open_door
from chalicelib.api.nova.mount import COMPUTE, LEGACY_COMPUTE, ROOTS
from chalicelib.events import capacity, errands, jobs, keypairs

app = Chalice(app_name="trio2o", configure_logs=False)
observability.attach(app)

for mount in (ROOTS, COMPUTE, LEGACY_COMPUTE, ADMIN_API):
    open_door(app, mount)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="refresh_capacity")
def refresh_capacity(event: CloudWatchEvent) -> dict[str, Any]:
    """Each minute: observe every pod, so that decisions are made on fresh figures."""
    return capacity.tick(event.to_dict())


@app.schedule(Rate(1, unit=Rate.MINUTES), name="wake_jobs")
def wake_jobs(event: CloudWatchEvent) -> dict[str, Any]:
    """Each minute: send the slices again of running jobs that have lost their message."""
    return jobs.wake(event.to_dict())


@app.schedule(Rate(1, unit=Rate.MINUTES), name="clean_keypairs")
def clean_keypairs(event: CloudWatchEvent) -> dict[str, Any]:
    """Each minute: take keys out of the pods whose names were deleted, or given to another key."""
    return keypairs.clean(event.to_dict())


# The template replaces this address by the queue's own. With one message at a time, a slice that fails has no
# effect on others.
@app.on_sqs_message(
    queue_arn="arn:aws:sqs:us-east-1:123456789012:trio2o-jobs",
    batch_size=1,
    name="run_jobs",
    maximum_concurrency=5,
)
def run_jobs(event: SQSEvent) -> dict[str, Any]:
    """Run a slice of a job, each time that the queue delivers it."""
    return jobs.run(event)


@app.lambda_function(name="pod_errand")
def pod_errand(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do for our API what needs a pod's credential, which the API itself can't read."""
    return errands.run(event)
