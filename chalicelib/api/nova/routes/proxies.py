"""Routes by which Nova passes on to Glance, Neutron and Cinder, up to microversion 2.35."""

from __future__ import annotations

from chalicelib.api.openstack.kinds import FIRST
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from chalicelib.model.resource import IMAGES

READER = Role.READER

# Images have the same ids in all pods. Nova's 404 for a later microversion goes to the client as it is.
ROWS = (
    Row("GET", "/images", FIRST, READER, IMAGES),
    Row("GET", "/images/detail", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}/{part}", FIRST, READER, IMAGES),
    Row("GET", "/images/{image_id}/{part}/{key}", FIRST, READER, IMAGES),
)
