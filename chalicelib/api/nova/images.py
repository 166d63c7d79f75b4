"""Nova's image proxy: images have equal ids in all pods, so any pod's answer will do (DESIGN 1).

Nova itself serves it up to microversion 2.35 and answers 404 after that, which passes as it is.
"""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.nova.forwarding import pod_request, reply_of
from chalicelib.api.nova.routes import compute
from chalicelib.api.routes import Call, Kind, Reply
from chalicelib.model.identity import Role


def proxy_images(call: Call) -> Reply:
    """The images of the first pod that answers."""
    answer = wiring.services().first.that_answers(call.caller, pod_request(call))
    return reply_of(answer, call.base_url)


def show_image(call: Call) -> Reply:
    """One image, of the first pod that has it."""
    answer = wiring.services().first.that_has(call.caller, pod_request(call))
    return reply_of(answer, call.base_url)


for path in ("/images", "/images/detail"):
    compute.route("GET", path, role=Role.READER, kind=Kind.MERGED)(proxy_images)
for path in ("/images/{image_id}", "/images/{image_id}/{sub}", "/images/{image_id}/{sub}/{key}"):
    compute.route("GET", path, role=Role.READER, kind=Kind.MERGED)(show_image)
