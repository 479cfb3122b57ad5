"""Which failures are tried again, when, and what is said at last; the table knows every code of the package."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import qjob
from qjob.model.job import Failure
from qjob.policy.retries import VERDICTS, Again, History, Patience, last_words, lost, pause, verdict

SOURCE = Path(qjob.__file__).parent
STORED = {"rows.py", "frames.py"}
"""Where a failure is read back that was told before, with whatever code it has."""

PATIENCE = Patience()
NO_CHANCE, ALL_CHANCE = 0.0, 1 - 2**-53


def failed(code, reason="It broke.", remedy="", *, transient=False):
    return Failure(code, reason, remedy, transient)


def after(tries=1, seconds=0.0, billed=0):
    return History(tries, seconds, billed)


# -- the table ----------------------------------------------------------------------------------------------------


def modules():
    """All but the server's, which runs no attempts: its errors are answers."""
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "server" not in path.relative_to(SOURCE).parts]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths]


def texts_of(tree):
    """The texts that names at the top of a module stand for."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def failures():
    """Each ``Failure(...)`` of the package: where, its call, and its code; None: that of a `QjobError`."""
    for path, tree in modules():
        for call in ast.walk(tree):
            if not (
                isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Failure"
            ):
                continue
            where = f"{path.relative_to(SOURCE)}:{call.lineno}"
            if path.name in STORED and not call.args and [word.arg for word in call.keywords] == [None]:
                continue
            match call.args[0] if call.args else None:
                case ast.Constant(code):
                    yield where, call, code
                case ast.Name(name) if name in texts_of(tree):
                    yield where, call, texts_of(tree)[name]
                case ast.Attribute(attr="code"):
                    yield where, call, None
                case _:
                    raise AssertionError(f"{where}: nobody can tell which code this failure has")


def classes():
    """The codes that classes of the package declare, as `QjobError` and its kinds do."""
    for path, tree in modules():
        for node in ast.walk(tree):
            for line in node.body if isinstance(node, ast.ClassDef) else ():
                targets = [line.target] if isinstance(line, ast.AnnAssign) else getattr(line, "targets", [])
                if any(getattr(target, "id", "") == "code" for target in targets) and line.value is not None:
                    yield f"{path.relative_to(SOURCE)}:{line.lineno}", ast.literal_eval(line.value)


@pytest.mark.slow
def test_the_table_knows_every_code_that_the_package_can_produce():
    produced = {code: where for where, _, code in failures() if code is not None}
    produced |= {code: where for where, code in classes()}
    assert {"worker_killed", "result_lost", "not_stored", "gone", "out_of_memory"} <= produced.keys()
    unknown = {code: where for code, where in produced.items() if code not in VERDICTS}
    assert not unknown, "say in policy/retries.py whether these are tried again, and why"
    assert not VERDICTS.keys() - produced.keys(), "no line of the package produces these any more"


@pytest.mark.slow
def test_what_calls_itself_transient_is_tried_again():
    said = {
        code
        for _, call, code in failures()
        if any(word.arg == "transient" and ast.literal_eval(word.value) for word in call.keywords)
        and code is not None
    }
    assert said >= {"worker_killed", "worker_lost", "executor_error"}
    assert not {code for code in said if VERDICTS[code].again is Again.NEVER}


@pytest.mark.parametrize("code", VERDICTS)
def test_each_verdict_has_a_reason(code):
    assert len(VERDICTS[code].why) > 20


@pytest.mark.parametrize(
    ("again", "codes"),
    [
        pytest.param(Again.SOON, "worker_killed worker_lost worker_crashed lease_lost executor_error worker_error",
            id="the process that ran it"),
        pytest.param(Again.LATER, "service_unavailable rate_limited store_unavailable", id="what is around it"),
        pytest.param(Again.LATER, "unknown_backend adapter_missing package_missing", id="missing on this worker"),
        pytest.param(Again.NEVER, "program_refused invalid_option simulation_failed", id="a bad program"),
        pytest.param(Again.NEVER, "over_budget consent_needed money_spent", id="a refused payment"),
        pytest.param(Again.NEVER, "task_failed backend_refused gone", id="rejected by the device"),
        pytest.param(Again.NEVER, "out_of_memory", id="too large"),
        pytest.param(Again.NEVER, "result_lost task_lost not_stored", id="it has run"),
        pytest.param(Again.NEVER, "cancelled_elsewhere", id="somebody wanted it to end"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("transient", [False, True])
def test_the_table_decides_whatever_the_adapter_says(again, codes, transient):
    assert {verdict(failed(code, transient=transient)).again for code in codes.split()} == {again}


@pytest.mark.parametrize(("transient", "again"), [(True, Again.SOON), (False, Again.NEVER)])
def test_of_a_foreign_code_the_adapter_tells(transient, again):
    assert verdict(failed("azure_hiccup", transient=transient)).again is again


# -- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "history", "least", "most"),
    [
        pytest.param("worker_killed", after(1), 0.25, 0.5, id="first"),
        pytest.param("worker_killed", after(2), 0.5, 1, id="twice as long"),
        pytest.param("worker_killed", after(4), 2, 4, id="the last pause"),
        pytest.param("service_unavailable", after(1), 30, 60, id="a service gets the longest pause at once"),
        pytest.param("adapter_missing", after(4), 30, 60, id="and so each time"),
        pytest.param("worker_killed", after(1, 90_000.0), 0.25, 0.5, id="a long run gets its second attempt"),
        pytest.param("worker_killed", after(2, 3598.5), 0.5, 1, id="just in time"),
    ],
)
def test_another_attempt_follows(code, history, least, most):
    assert pause(failed(code), history, PATIENCE, NO_CHANCE) == least
    assert pause(failed(code), history, PATIENCE, ALL_CHANCE) == pytest.approx(most)


@pytest.mark.parametrize(
    ("code", "history"),
    [
        pytest.param("worker_killed", after(5), id="the last attempt"),
        pytest.param("worker_killed", after(6), id="beyond it, where the limit was lowered"),
        pytest.param("worker_killed", after(2, 3600.0), id="too late"),
        pytest.param("worker_killed", after(2, 3599.9), id="too late once the pause is over"),
        pytest.param("worker_killed", after(1, billed=1), id="a billed one, be it for a nano-dollar"),
        pytest.param("program_refused", after(1), id="a bad program"),
    ],
)
def test_no_attempt_follows(code, history):
    assert pause(failed(code), history, PATIENCE, NO_CHANCE) is None


codes = st.sampled_from([*VERDICTS, "of_somebody_else"])
chances = st.floats(0, 1, exclude_max=True)
patiences = st.builds(
    Patience,
    attempts=st.integers(1, 100),
    seconds=st.floats(0, 1e6),
    first=st.floats(0.01, 10),
    factor=st.floats(1, 10),
    longest=st.floats(10, 600),
)
histories = st.builds(History, st.integers(1, 120), st.floats(0, 1e6), st.integers(0, 2))


@given(code=codes, transient=st.booleans(), history=histories, patience=patiences, chance=chances)
@example(code="worker_killed", transient=False, history=after(4, 3599.0), patience=Patience(), chance=0.5)
def test_every_pause_keeps_to_the_limits(code, transient, history, patience, chance):
    seconds = pause(failed(code, transient=transient), history, patience, chance)
    if seconds is None:
        return
    assert history.tries < patience.attempts
    assert not history.billed
    assert 0 < patience.first / 2 <= seconds <= patience.longest
    assert history.tries == 1 or history.seconds + seconds <= patience.seconds


@given(patiences, chances, chances, st.floats(0, 1e6))
def test_a_job_that_always_fails_ends_within_its_limits(patience, chance, other, run):
    """Each attempt runs for as long; the pauses never shrink in their bounds."""
    now, tries, pauses = 0.0, 0, []
    while True:
        tries += 1
        began, now = now, now + run
        seconds = pause(failed("worker_killed"), after(tries, now), patience, chance if tries % 2 else other)
        if seconds is None:
            break
        pauses.append(seconds)
        now += seconds
    assert tries <= patience.attempts
    assert tries <= 2 or began <= patience.seconds
    bounds = [min(patience.longest, patience.first * patience.factor**n) for n in range(len(pauses))]
    assert all(bound / 2 <= seconds <= bound for bound, seconds in zip(bounds, pauses, strict=True))
    assert all(one <= next_one for one, next_one in pairwise(bounds))


@given(histories, patiences, chances, chances)
def test_chance_moves_a_pause_within_one_half_of_it(history, patience, chance, other):
    low, high = sorted([chance, other])
    short, long = (pause(failed("worker_lost"), history, patience, each) for each in (low, high))
    if short is not None and long is not None:
        assert short <= long <= 2 * short
    else:
        assert long is None  # only the longer one may be too long


# -- at last ------------------------------------------------------------------------------------------------------

KILLED = "The worker process was killed from outside."


@pytest.mark.parametrize(
    ("failure", "history", "patience", "reason", "remedy"),
    [
        pytest.param(failed("worker_killed", KILLED), after(5, 12.2), PATIENCE,
            f"Given up after 5 attempts in 12 s (QJOB_ATTEMPTS). The last one failed: {KILLED}",
            "Run it again: %qjob retry {job}", id="the last attempt"),
        pytest.param(failed("service_unavailable", "AWS cannot be reached.", "Look at your network."), after(3, 4000),
            PATIENCE,
            "Given up after 3 attempts in 67 min (QJOB_RETRY_MINUTES). The last one failed: AWS cannot be reached.",
            "Look at your network.", id="too late"),
        pytest.param(failed("worker_killed", KILLED), after(1), Patience(attempts=1), KILLED, "",
            id="the only attempt that was allowed"),
        pytest.param(failed("program_refused", "no measurement.", "Measure."), after(1), PATIENCE,
            "no measurement.", "Measure.", id="a bad program speaks for itself"),
        pytest.param(failed("out_of_memory", "It did not fit."), after(3, 20), PATIENCE,
            "After 3 attempts: It did not fit.", "", id="one that time does not mend, after others"),
        pytest.param(failed("worker_killed", "killed"), after(1, 3, 300_000_000), PATIENCE,
            "killed. It costs $0.30, so it is not tried again by itself.",
            "Run it again, and pay again: %qjob retry {job}", id="billed"),
        pytest.param(failed("result_lost", "It cannot be read."), after(1, 3, 300_000_000), PATIENCE,
            "It cannot be read.", "", id="billed, but not tried again whatever it cost"),
    ],
)  # fmt: skip
def test_last_words(failure, history, patience, reason, remedy):
    words = last_words(failure, history, patience)
    assert (words.reason, words.remedy) == (reason, remedy)
    assert (words.code, words.transient) == (failure.code, failure.transient)


def test_a_lost_worker_is_named_and_its_job_tried_again():
    failure = lost("lab3:4242")
    assert "lab3:4242" in failure.reason
    assert failure.remedy
    assert pause(failure, after(1), PATIENCE, 0.5) is not None
