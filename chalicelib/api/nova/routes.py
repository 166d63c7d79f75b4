"""The compute API's routes; each is served below ``/v2.1`` and below ``/v2.1/{project_id}``."""

from __future__ import annotations

from chalicelib.api.nova.dialect import NOVA
from chalicelib.api.routes import Routes

compute = Routes(prefix="/v2.1", dialect=NOVA, project_prefix="/v2.1/{project_id}")
discovery = Routes(prefix="", dialect=NOVA)
