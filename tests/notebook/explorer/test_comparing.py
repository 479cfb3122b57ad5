"""What differs between jobs, side by side."""

from qjob.notebook.explorer.comparing import COLUMNS, differences


def test_what_differs_is_a_row_and_the_rest_a_line(snapshot_of):
    first = snapshot_of("COMPLETED", {"00": 5}).job
    second = first._replace(
        id="9" * 36, name=None, backend="sv1", seed=8, tags={"run": "7"}, options={"p": 0.01}
    )
    table = differences([first, second])
    assert table.headings == ("", "bell", "job 99999999")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["backend"] == ("sim", "sv1")
    assert rows["seed"] == ("7", "8")
    assert rows["option p"] == ("", "0.01")
    assert rows["tag run"] == ("", "7")
    assert "shots" not in rows
    assert "shots 5" in table.note
    assert "status COMPLETED" in table.note


def test_more_than_fit_are_counted(snapshot_of):
    job = snapshot_of().job
    jobs = [job._replace(id=f"{i}" * 36) for i in range(9)]
    table = differences(jobs)
    assert len(table.headings) == 1 + COLUMNS
    assert "3 more jobs selected" in table.note
