"""Front doors: the HTTP APIs, the clock that keeps the pods' capacity fresh, and the API's errands.

Clock handlers are declared here and not with their code: Lambda loads a blueprint's event handler
without our middleware.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate

from chalicelib import observability
from chalicelib.api import nova
from chalicelib.api.admin.every_route import admin
from chalicelib.api.door import open_routes
from chalicelib.events import capacity, errands

app = Chalice(app_name="trio2o", configure_logs=False)
observability.attach(app)

open_routes(app, nova.discovery)
open_routes(app, nova.compute)
open_routes(app, admin)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="refresh_capacity")
def refresh_capacity(event: CloudWatchEvent) -> dict[str, Any]:
    """Each minute: observe every pod, so that decisions are made on fresh figures."""
    return capacity.tick(event.to_dict())


@app.lambda_function(name="pod_errand")
def pod_errand(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """When our API asks: what takes a pod's credential, which the API itself may not read."""
    return errands.run(event)
