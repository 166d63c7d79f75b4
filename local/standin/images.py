"""Images: the same ones with the same ids in all pods, and each pod's own snapshots of servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from local.standin.clock import api_time
from local.standin.ids import named_uuid
from local.standin.message import Json


@dataclass
class Image:
    """An image. A private one is seen only by ``owner``, a project's id, and by admins."""

    id: str
    name: str
    created_at: datetime
    owner: str | None = None
    visibility: str = "public"
    size_bytes: int = 21_430_272
    min_ram_mb: int = 0
    min_disk_gb: int = 0
    properties: dict[str, str] = field(default_factory=dict)

    def seen_by(self, project_id: str | None) -> bool:
        """Whether the project may see the image."""
        return self.visibility == "public" or self.owner == project_id


class ImageShelf:
    """All images of one pod."""

    def __init__(self, names: tuple[str, ...], made_at: datetime) -> None:
        self._images = {image.id: image for image in (Image(named_uuid(n), n, made_at) for n in names)}

    def add(self, image: Image) -> None:
        """Put an image on the shelf."""
        self._images[image.id] = image

    def remove(self, image_id: str) -> None:
        """Take an image off the shelf."""
        self._images.pop(image_id, None)

    def find(self, image_id: str, project_id: str | None, is_admin: bool) -> Image | None:
        """The image, or None if it is unknown or hidden from the project."""
        image = self._images.get(image_id)
        return image if image is not None and (is_admin or image.seen_by(project_id)) else None

    def seen_by(self, project_id: str | None, is_admin: bool) -> list[Image]:
        """The images that the project, or an admin, may see."""
        return [image for image in self._images.values() if is_admin or image.seen_by(project_id)]


def write_image(image: Image) -> Json:
    """An image as Glance shows it."""
    return {
        "id": image.id,
        "name": image.name,
        "status": "active",
        "visibility": image.visibility,
        "owner": image.owner,
        "size": image.size_bytes,
        "virtual_size": 117_440_512,
        "checksum": "c8fc807773e5354afe61636071771906",
        "os_hash_algo": "sha512",
        "os_hash_value": "1103b92ce8ad966e41235a4de260deb791ff571670c0342666c8582fbb9caefe",
        "container_format": "bare",
        "disk_format": "qcow2",
        "min_ram": image.min_ram_mb,
        "min_disk": image.min_disk_gb,
        "protected": False,
        "os_hidden": False,
        "tags": [],
        "created_at": api_time(image.created_at),
        "updated_at": api_time(image.created_at),
        "self": f"/v2/images/{image.id}",
        "file": f"/v2/images/{image.id}/file",
        "schema": "/v2/schemas/image",
        **image.properties,
    }


def write_image_for_nova(image: Image, links: list[Json]) -> Json:
    """An image as Nova's old image proxy shows it."""
    return {
        "id": image.id,
        "name": image.name,
        "status": "ACTIVE",
        "progress": 100,
        "minRam": image.min_ram_mb,
        "minDisk": image.min_disk_gb,
        "OS-EXT-IMG-SIZE:size": image.size_bytes,
        "metadata": dict(image.properties),
        "created": api_time(image.created_at),
        "updated": api_time(image.created_at),
        "links": links,
    }
