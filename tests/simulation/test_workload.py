import pytest

from chalicelib.model.errors import InvalidField
from simulation import arrival, site, workload


def test_a_week_is_20000_arrivals_and_the_same_for_the_same_seed():
    week = workload.week()

    assert len(week) == 20_000
    assert week == workload.week(seed=1) != workload.week(seed=2)
    assert week == sorted(week, key=lambda a: a.time)
    assert week[0].time >= 0.0
    assert week[-1].time <= 7 * 86_400
    assert {a.flavor for a in week} == set(site.EXAMPLE.flavors)


def test_a_week_that_was_written_is_read_as_it_was_made(tmp_path):
    week = workload.week(arrivals=500)

    arrival.write(tmp_path / "week.csv", week)

    assert arrival.read(tmp_path / "week.csv") == week


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("soon,p,small,az1,60", "line 2, time"),
        ("-1,p,small,az1,60", "line 2, time"),
        ("1,p,small,az1,nan", "line 2, lifetime"),
        ("1,,small,az1,60", "line 2, project"),
        ("1,p,,az1,60", "line 2, flavor"),
    ],
)
def test_a_bad_line_is_refused_by_line_and_column(tmp_path, line, field):
    (tmp_path / "bad.csv").write_text(f"time,project,flavor,zone,lifetime\n{line}\n")

    with pytest.raises(InvalidField) as refused:
        arrival.read(tmp_path / "bad.csv")

    assert refused.value.field == field


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "bad.csv").write_text("when,who\n1,p\n")

    with pytest.raises(InvalidField, match="time,project,flavor,zone,lifetime"):
        arrival.read(tmp_path / "bad.csv")
