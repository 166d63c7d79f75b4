"""Attaching: what is attached to a server must be in its pod; else the client is told the zones."""

from __future__ import annotations

from chalicelib import wiring
from chalicelib.api.call import Call, Reply
from chalicelib.api.json_body import read_json
from chalicelib.api.nova.named_resources import read_attached
from chalicelib.api.openstack.forwarding import pod_request, reply_of
from chalicelib.model.errors import InvalidField
from chalicelib.model.resource import SERVERS
from chalicelib.service.asking.answer import PodAnswer

NOTE = "X-Trio2o-Note"
# By which Nova refuses what Neutron, Cinder or Glance doesn't know; some of it is a 500.
_REFUSALS = (400, 404, 500)
_IMAGE_ACTIONS = (b'"createImage"', b'"createBackup"')


def attach(call: Call) -> Reply:
    """Attach a volume, port or network to a server, in the pod that holds it."""
    request = pod_request(call, SERVERS.service)
    answer = wiring.services().located.send(call.caller, SERVERS, call.path["server_id"], request)
    return told_plainly(call, answer)


def told_plainly(call: Call, answer: PodAnswer) -> Reply:
    """A pod's answer to a change of a server; a note tells where a new image is.

    Raises InvalidField in its place if the pod refuses because what the change names is in another pod.
    """
    if answer.reply.status in _REFUSALS and (named := read_attached(_body(call))):
        told = wiring.services().elsewhere.told(call.caller, answer.pod, named)
        if told:
            raise InvalidField("", told)
    reply = reply_of(answer, call)
    if answer.reply.status == 202 and any(action in call.raw_body for action in _IMAGE_ACTIONS):
        note = wiring.services().elsewhere.of_image(answer.pod)
        return Reply(reply.status, reply.body, {**reply.headers, NOTE: note} if note else reply.headers)
    return reply


def _body(call: Call) -> object:
    try:
        return read_json(call.raw_body)
    except InvalidField:
        return None  # the pod has said so
