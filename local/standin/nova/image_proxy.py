"""Nova's old image proxy, which ends with 2.35."""

from __future__ import annotations

from local.standin.images import Image, write_image_for_nova
from local.standin.message import Fault, Reply
from local.standin.nova.call import NovaCall
from local.standin.nova.state import NovaState
from local.standin.router import Router


class ImageProxyApi:
    """Serves images to old clients, which ask Nova for them instead of Glance."""

    def __init__(self, state: NovaState) -> None:
        self._state = state

    def add_to(self, router: Router[NovaCall]) -> None:
        router.add("GET", "/images", self.names)
        router.add("GET", "/images/detail", self.details)
        router.add("GET", "/images/{image_id}", self.show)
        router.add("DELETE", "/images/{image_id}", self.delete)
        router.add("GET", "/images/{image_id}/metadata", self.metadata)
        router.add("POST", "/images/{image_id}/metadata", self.set_metadata)
        router.add("PUT", "/images/{image_id}/metadata", self.set_metadata)
        router.add("GET", "/images/{image_id}/metadata/{key}", self.item)
        router.add("PUT", "/images/{image_id}/metadata/{key}", self.set_item)
        router.add("DELETE", "/images/{image_id}/metadata/{key}", self.delete_item)

    def names(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        images = self._state.images.seen_by(call.project_id, call.caller.is_admin)
        short = [
            {"id": image.id, "name": image.name, "links": call.links("images", image.id)} for image in images
        ]
        return Reply(200, {"images": short})

    def details(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        images = self._state.images.seen_by(call.project_id, call.caller.is_admin)
        full = [write_image_for_nova(image, call.links("images", image.id)) for image in images]
        return Reply(200, {"images": full})

    def show(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        image = self._one(call)
        return Reply(200, {"image": write_image_for_nova(image, call.links("images", image.id))})

    def delete(self, call: NovaCall) -> Reply:
        _until_2_36(call)
        self._state.images.remove(self._owned(call).id)
        return Reply(204)

    def metadata(self, call: NovaCall) -> Reply:
        return Reply(200, {"metadata": dict(self._one(call).properties)})

    def set_metadata(self, call: NovaCall) -> Reply:
        image = self._owned(call)
        image.properties.update(call.request.json()["metadata"])
        return Reply(200, {"metadata": dict(image.properties)})

    def item(self, call: NovaCall) -> Reply:
        return Reply(200, {"meta": {call.vars["key"]: self._value(call)}})

    def set_item(self, call: NovaCall) -> Reply:
        meta = call.request.json()["meta"]
        self._owned(call).properties.update(meta)
        return Reply(200, {"meta": meta})

    def delete_item(self, call: NovaCall) -> Reply:
        self._value(call)
        del self._owned(call).properties[call.vars["key"]]
        return Reply(204)

    def _value(self, call: NovaCall) -> str:
        found = self._one(call).properties.get(call.vars["key"])
        if found is None:
            raise Fault(404, "Metadata item was not found")
        return found

    def _one(self, call: NovaCall) -> Image:
        image = self._state.images.find(call.vars["image_id"], call.project_id, call.caller.is_admin)
        if image is None:
            raise Fault(404, "Image not found.")
        return image

    def _owned(self, call: NovaCall) -> Image:
        image = self._one(call)
        if not call.caller.is_admin and image.owner != call.project_id:
            raise Fault(403, "You are not allowed to delete this image.")
        return image


def _until_2_36(call: NovaCall) -> None:
    if call.minor >= 36:
        raise Fault(404, "The resource could not be found.")
