"""The scores of the mutation tester, as its files hold them."""

import json

from docs.mutants import counted, table


def test_mutants_are_counted_by_room_and_those_that_were_not_tried_do_not_count(tmp_path):
    folder = tmp_path / "chalicelib" / "service" / "asking"
    folder.mkdir(parents=True)
    for name, codes in (("rounds", [1, 0, None, 36]), ("pages", [1, 33]), ("owner", [None])):
        keyed = {f"{name}_{number}": code for number, code in enumerate(codes)}
        (folder / f"{name}.py.meta").write_text(json.dumps({"exit_code_by_key": keyed}))

    lines = table(counted(tmp_path.rglob("*.meta"))).splitlines()

    assert lines[2] == "| service/asking | 5 | 2 | 1 | 1 | 1 | 60.0% |"
    assert lines[3] == "| all | 5 | 2 | 1 | 1 | 1 | 60.0% |"
