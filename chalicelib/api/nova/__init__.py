"""The compute API; importing a module declares its routes."""

from chalicelib.api.nova import decisions, flavors, images, server_parts, servers, versions, zones
from chalicelib.api.nova.routes import compute, discovery

__all__ = [
    "compute",
    "decisions",
    "discovery",
    "flavors",
    "images",
    "server_parts",
    "servers",
    "versions",
    "zones",
]
