"""A project that asks too much gets 429 with ``Retry-After``, and the others get their answers."""

from dataclasses import replace

from chalicelib import wiring


def limit(gateway, **limits):
    """Serve under other limits, in one minute that doesn't end."""
    chosen, now = replace(wiring.settings(), **limits), gateway.stores.clock()
    wiring.use(wiring.build_services(replace(gateway.stores, clock=lambda: now), chosen), chosen)


def test_requests(gateway):
    limit(gateway, requests_per_minute=5)
    statuses = [gateway.call("GET", "/v2.1/flavors").status for _ in range(7)]
    refused = gateway.call("GET", "/v2.1/servers")

    assert statuses == [200] * 5 + [429] * 2
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.body == {
        "overLimit": {
            "code": 429,
            "message": "This project has made too many requests.",
            "retryAfter": refused.headers["retry-after"],
        }
    }
    assert gateway.call("GET", "/v2.1/servers", user="beta").status == 200
    assert gateway.call("GET", "/v2.1/servers", user="admin").status == 200


def test_creates_that_no_pod_takes_fill_neither_a_zone_nor_a_table(gateway):
    pod_ids = [pod.pod_id for pod in gateway.pods.values()]
    free = [gateway.stores.claims.read(pod_id).free for pod_id in pod_ids]
    limit(gateway, refused_creates_per_minute=3)

    statuses = [gateway.create(availability_zone="nowhere").status for _ in range(6)]

    assert statuses == [400] * 3 + [429] * 3
    assert len(gateway.stores.decisions.list()) == 3
    assert [gateway.stores.claims.read(pod_id).free for pod_id in pod_ids] == free
    assert gateway.create(user="beta").status == 202
