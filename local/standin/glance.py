"""A small Glance over a pod's images."""

from __future__ import annotations

from local.standin.identity import TokenAuthority, authenticate
from local.standin.images import ImageShelf, write_image
from local.standin.message import Fault, Json, Reply, Request

TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


class GlanceApi:
    """Lists, shows and deletes images; paths are what follows the pod's ``/image``."""

    def __init__(self, images: ImageShelf, authority: TokenAuthority, keystone_url: str) -> None:
        self._images = images
        self._authority = authority
        self._keystone_url = keystone_url

    def answer(self, request: Request, path: str) -> Reply:
        """Serve a request; a fault is written as Glance writes it."""
        try:
            reply = self._serve(request, [part for part in path.split("/") if part])
        except Fault as fault:
            title = TITLES.get(fault.status, "Error")
            body = {"message": fault.message, "code": f"{fault.status} {title}", "title": title}
            reply = Reply(fault.status, fault.body or body, fault.headers)
        reply.headers["x-openstack-request-id"] = request.request_id
        return reply

    def _serve(self, request: Request, parts: list[str]) -> Reply:
        if parts in ([], ["versions"]):
            return Reply(200 if parts else 300, _write_versions(request.origin))
        if parts == ["v2"]:
            return Reply(200, _write_versions(request.origin))
        token = authenticate(request, self._authority, self._keystone_url)
        if parts[:2] != ["v2", "images"] or len(parts) > 3:
            raise Fault(404, "The resource could not be found.")
        if len(parts) == 2:
            return self._list(request, token.project_id, token.is_admin)
        image = self._images.find(parts[2], token.project_id, token.is_admin)
        if image is None:
            raise Fault(404, f"No image found with ID {parts[2]}")
        if request.method == "DELETE":
            if not token.is_admin and image.owner != token.project_id:
                raise Fault(403, f"You are not permitted to delete this image {image.id}")
            self._images.remove(image.id)
            return Reply(204)
        if request.method not in ("GET", "HEAD"):
            raise Fault(405, "The method is not allowed for this resource.")
        return Reply(200, write_image(image))

    def _list(self, request: Request, project_id: str | None, is_admin: bool) -> Reply:
        if request.method not in ("GET", "HEAD"):
            raise Fault(405, "The method is not allowed for this resource.")
        bodies = [write_image(image) for image in self._images.seen_by(project_id, is_admin)]
        for key in ("name", "id", "status", "visibility", "owner", "disk_format", "container_format"):
            wanted = request.first(key)
            if wanted is not None and (key, wanted) != ("visibility", "all"):
                bodies = [body for body in bodies if body[key] == wanted.removeprefix("in:")]
        marker, limit = request.first("marker"), request.first("limit")
        if marker is not None:
            known = [body["id"] for body in bodies]
            if marker not in known:
                raise Fault(400, f"Invalid marker: Image {marker} could not be found.")
            bodies = bodies[known.index(marker) + 1 :]
        reply: Json = {"first": "/v2/images", "schema": "/v2/schemas/images"}
        if limit is not None and limit.isdigit() and len(bodies) > int(limit):
            bodies = bodies[: int(limit)]
            reply["next"] = f"/v2/images?limit={limit}&marker={bodies[-1]['id']}"
        return Reply(200, {"images": bodies, **reply})


def _write_versions(origin: str) -> Json:
    links = [{"rel": "self", "href": f"{origin}/image/v2/"}]
    others = [
        {"id": f"v2.{minor}", "status": "SUPPORTED", "links": links} for minor in (9, 7, 6, 5, 4, 3, 2, 1, 0)
    ]
    return {"versions": [{"id": "v2.15", "status": "CURRENT", "links": links}, *others]}
