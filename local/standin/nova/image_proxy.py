"""Nova's old image proxy, which ends with 2.35."""

from __future__ import annotations

from local.standin.images import write_image_for_nova
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
        image = self._state.images.find(call.vars["image_id"], call.project_id, call.caller.is_admin)
        if image is None:
            raise Fault(404, "Image not found.")
        return Reply(200, {"image": write_image_for_nova(image, call.links("images", image.id))})


def _until_2_36(call: NovaCall) -> None:
    if call.minor >= 36:
        raise Fault(404, "The resource could not be found.")
