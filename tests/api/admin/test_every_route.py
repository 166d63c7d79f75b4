import re
from pathlib import Path

from chalicelib.api.admin.every_route import admin
from chalicelib.api.admin.pod_bodies import POD_READERS
from chalicelib.model.identity import Role

GUIDE = (Path(__file__).parents[3] / "docs" / "admin-api.md").read_text()


def test_the_guide_tells_of_every_route_and_of_no_other():
    served = {f"{method} {path}" for _, path, verbs in admin.paths() for method in verbs}

    assert set(re.findall(r"^### `(.+)`$", GUIDE, re.MULTILINE)) == served


def test_the_guide_tells_of_every_field_of_a_pod():
    table = GUIDE.split("| field |")[1].split("\n\n")[0]
    first_cells = "".join(line.split("|")[1] for line in table.splitlines()[2:])

    assert set(re.findall(r"`(\w+)`", first_cells)) == set(POD_READERS)


def test_every_route_is_for_admins():
    assert {route.role for _, _, verbs in admin.paths() for route in verbs.values()} == {Role.ADMIN}
