"""Routes by which a tenant asks why its creates went where they went, or nowhere."""

from __future__ import annotations

from chalicelib.api.nova.decisions import list_own_decisions
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

ROWS = (Row("GET", "/trio2o-decisions", OWN, Role.READER, view=list_own_decisions),)
