"""Progress is throttled and always counts everything so far."""

from qjob.backends.aer.progress import Reporter, Tally
from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.events import Progress

LAYOUT = BitLayout(2, (0, 1))


def test_reports_are_an_interval_apart():
    moments = iter([0.0, 0.05, 0.1, 0.15, 0.19, 0.21])
    reporter = Reporter(lambda: next(moments), interval=0.1)
    assert [reporter.due() for _ in range(5)] == [False, True, False, False, True]


def test_a_tally_adds_up_and_reports():
    tally = Tally(LAYOUT)
    assert (tally.shots, len(tally.counts())) == (0, 0)
    for portion in ({"00": 3, "11": 1}, {"11": 5}):
        tally.add(Counts.from_dict(LAYOUT, portion))
    assert tally.shots == 9
    progress = Reporter(float).report("sampling", tally)
    assert progress == Progress("sampling", 9, (("11", 6), ("00", 3)), 2)
    tally.add(Counts.from_dict(LAYOUT, {"01": 1}))
    assert dict(tally.counts()) == {"00": 3, "01": 1, "11": 6}
