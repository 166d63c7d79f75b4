"""The admin API's routes; views declare themselves here, ``every_route`` imports them all."""

from __future__ import annotations

from chalicelib.api.admin.dialect import ADMIN_DIALECT
from chalicelib.api.routes import Routes

admin = Routes(prefix="/v1.0", dialect=ADMIN_DIALECT)
