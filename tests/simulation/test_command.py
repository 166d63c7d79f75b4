import json

import pytest

from simulation.__main__ import main

WORKLOAD = "time,project,flavor,zone,lifetime\n0.0,alpha,small,az1,3600.0\n60.0,beta,small,,60.0\n"
SITE = {
    "pods": [{"name": "Pod1", "zone": "az1", "vcpus": 16, "ram_gb": 64, "disk_gb": 640}],
    "flavors": [{"name": "small", "vcpus": 1, "ram_mb": 2048, "disk_gb": 20}],
}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "mine.csv").write_text(WORKLOAD)
    (tmp_path / "mine.json").write_text(json.dumps(SITE))
    places = {"workload": "mine.csv", "site": "mine.json", "out": "out"}
    return [word for name, place in places.items() for word in (f"--{name}", str(tmp_path / place))]


def test_the_command_compares_a_workload_of_ones_own_and_writes_csv(files, tmp_path, capsys):
    assert main([*files, "--profile", "pack", "--add", "Pod2:az1:16:64:640@1"]) == 0

    printed = capsys.readouterr().out
    assert "as it is" in printed
    assert "what if" in printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"summary.csv", "fill.csv"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--lose", "Pod7"], "lose: Pod7 is no pod of the site"),
        (["--lose", "Pod1@soon"], "lose: after the @"),
        (["--add", "Pod2:az1"], "add: must be NAME:ZONE"),
    ],
)
def test_bad_input_is_named_and_ends_with_2(files, capsys, words, told):
    assert main([*files, *words]) == 2
    assert told in capsys.readouterr().err
