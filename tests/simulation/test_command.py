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


def test_the_command_compares_a_workload_of_ones_own_and_writes_csv_and_a_plot(files, tmp_path, capsys):
    assert main([*files, "--profile", "pack", "--add", "Pod2:az1:16:64:640@1"]) == 0

    printed = capsys.readouterr().out
    assert "as it is" in printed
    assert "what if" in printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"summary.csv", "fill.csv", "fill.svg"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--lose", "Pod7"], "lose: Pod7 is no pod of the site"),
        (["--lose", "Pod1@soon"], "lose: after the @"),
        (["--add", "Pod2:az1"], "add: must be NAME:ZONE"),
        (["--add", "Pod2:az1:1:1:1", "--add", "Pod2:az1:1:1:1"], "add: Pod2 is a pod of the site already"),
        (["--add", "Pod2:az1:1:1:1@2", "--lose", "Pod2@1"], "lose: Pod2 isn't there yet"),
    ],
)
def test_bad_input_is_named_and_ends_with_2(files, capsys, words, told):
    assert main([*files, *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (WORKLOAD.replace("alpha", "\xe4").encode("latin-1"), "must be CSV in UTF-8"),
        (WORKLOAD.replace(",3600.0", ",3600.0,more").encode(), "line 2: has more than the 5 columns"),
        (WORKLOAD.replace("60.0,beta", "1e18,beta").encode(), "line 3, time: counts from"),
        (b"time,project\n", "line 1: the columns must be"),
        (b"", "line 1: the columns must be"),
    ],
)
def test_a_workload_that_can_not_be_read_is_refused_by_its_line(files, tmp_path, capsys, content, told):
    (tmp_path / "mine.csv").write_bytes(content)

    assert main(files) == 2
    assert told in capsys.readouterr().err


def test_the_loss_of_every_pod_is_told_too(files, capsys):
    assert main([*files, "--lose", "Pod1"]) == 0
    assert "2 unreachable" in capsys.readouterr().out


def test_a_spreadsheets_mark_at_the_beginning_does_no_harm(files, tmp_path):
    (tmp_path / "mine.csv").write_text(WORKLOAD, encoding="utf-8-sig")

    assert main([*files, "--profile", "pack"]) == 0
