"""Programs and results are erased for good; what a job cost, when it ran and what it was asked for stays."""

import threading
from datetime import timedelta

import pytest

from qjob.model.errors import NoSuchJob
from qjob.model.events import EventKind
from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.model.program import Program, ProgramFormat
from qjob.model.upkeep import Erased
from qjob.store.listing import JobFilter

S = JobStatus
ENDED = (S.COMPLETED, S.FAILED, S.CANCELLED)


def count(world, table):
    with world.raw as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - names of ours


def test_program_result_progress_and_texts_are_gone_and_the_rest_stays(world, payer):
    job_id = payer.submit(name="bell", tags={"run": "7"}, fingerprint="f")
    world.store.attach(job_id, "sent", "OPENQASM 3.0; // as it was sent")
    payer.end(job_id, S.COMPLETED, cost=NANO)
    before, log = world.store.job(job_id), world.store.log(job_id)
    money = payer.everything()
    erased = world.store.erase([job_id], "bob")
    assert erased.jobs == 1
    assert erased.bytes > len(b"packed") + len(world.program.data)
    assert world.store.result(job_id) is None
    assert world.store.attachments(job_id) == {}
    found = world.store.snapshot(job_id)
    assert (found.progress, found.layout) == (None, None)
    with pytest.raises(KeyError):
        world.store.program(world.program.digest)
    after = world.store.job(job_id)
    assert after == before._replace(erased_at=after.erased_at, erased_by="bob")
    assert after.erased_at > before.ended_at
    *same, last = world.store.log(job_id)
    assert same == log
    assert (last.kind, last.data, last.at) == (EventKind.ERASED, {"by": "bob"}, after.erased_at)
    left = payer.everything()
    assert {table: left[table] for table in ("ledger", "spending", "teams", "users")} == {
        table: money[table] for table in ("ledger", "spending", "teams", "users")
    }
    assert world.store.same_job("ada", "f").id == job_id  # nobody pays twice for it unasked


@pytest.mark.parametrize("status", list(JobStatus))
def test_only_what_has_ended_is_erased_and_once(world, status):
    job_id = world.job(status)
    assert world.store.erase([job_id, job_id], "ada").jobs == (status in ENDED)
    assert (world.store.job(job_id).erased_at is not None) == (status in ENDED)
    first = world.store.job(job_id)
    assert world.store.erase([job_id], "bob") == Erased(0, 0)
    assert world.store.job(job_id) == first


def test_a_program_stays_until_the_last_job_that_ran_it_is_erased(world):
    jobs = [world.job(S.COMPLETED), world.job(S.FAILED), world.job(S.RUNNING)]
    assert world.store.erase(jobs, "ada").jobs == 2
    assert world.store.program(world.program.digest) == world.program  # the third one runs it
    world.to(jobs[2], S.COMPLETED)
    world.store.erase([jobs[2]], "ada")
    with pytest.raises(KeyError):
        world.store.program(world.program.digest)
    again = world.job(S.RUNNING)
    assert world.store.program(world.store.job(again).program) == world.program  # stored again


def test_what_a_process_of_an_older_version_adds_lacks_nothing(world):
    """It adds no rows of tags, and leaves a program as it is that is there."""
    old = world.job(S.COMPLETED)
    world.store.erase([old], "ada")
    blob = {"sqlite": "BLOB", "postgres": "BYTEA"}[world.places.kind]
    tags = '{"run": "7", "q\\"": "\u00e9"}'
    with world.raw as connection:
        digest, data = world.program.digest, world.program.data.decode()
        connection.execute(
            f"INSERT INTO programs (digest, format, data) VALUES ('{digest}', 'qasm3', CAST('{data}' AS {blob})) "  # noqa: S608 - values of ours
            "ON CONFLICT (digest) DO NOTHING"
        )
        connection.execute(
            "INSERT INTO jobs (number, id, username, backend, program, num_qubits, shots, seed, options, mode, tags, "  # noqa: S608 - as above
            "status, created_at, search) "
            f"SELECT number + 1, 'new', username, backend, program, 2, 9, 1, '{{}}', 'direct', '{tags}', 'QUEUED', "
            "5, '' FROM jobs"
        )
    assert world.store.program(world.program.digest) == world.program
    for tag in (("run", "7"), ("run", None), ('q"', "\u00e9")):
        assert [job.id for job in world.store.jobs(JobFilter(tag=tag))] == ["new"]
    with world.raw as connection:
        connection.execute(
            f"INSERT INTO programs (digest, format, data) VALUES ('{digest}', 'qasm2', CAST('other' AS {blob})) "  # noqa: S608 - as above
            "ON CONFLICT (digest) DO NOTHING"
        )
    assert world.store.program(world.program.digest) == world.program  # what is there stays


def test_one_that_is_no_job_and_nothing_is_erased(world):
    job_id = world.job(S.COMPLETED)
    with pytest.raises(NoSuchJob):
        world.store.erase([job_id, "beef"], "ada")
    assert world.store.job(job_id).erased_at is None


def test_lists_hide_what_is_erased_unless_they_are_asked_to_show_it(world):
    kept, gone = world.job(S.COMPLETED), world.job(S.COMPLETED)
    world.store.erase([gone], "ada")
    assert [job.id for job in world.store.jobs()] == [kept]
    assert [job.id for job in world.store.jobs(JobFilter(erased=True))] == [gone, kept]
    assert world.store.totals().jobs == 1
    assert world.store.totals(JobFilter(erased=True)).jobs == 2
    assert world.store.resolve(gone[:8]) == gone


def test_a_free_job_that_is_erased_is_not_found_again_for_reuse(world, payer):
    first = payer.submit(cap=0, fingerprint="f")
    payer.end(first, S.COMPLETED)
    second = payer.submit(cap=0, fingerprint="f")
    payer.end(second, S.COMPLETED)
    world.store.erase([second], "ada")
    assert world.store.same_job("ada", "f").id == first
    world.store.erase([first], "ada")
    assert world.store.same_job("ada", "f") is None  # it has to run again, and costs nothing


def test_which_jobs_are_old_enough(world):
    old = [world.job(status) for status in ENDED]
    world.job(S.RUNNING)
    world.job(S.COMPLETED, user="bob")
    limit = world.clock()
    world.job(S.COMPLETED)
    assert world.store.count_ended_before("ada", limit) == 3
    first = world.store.ended_before("ada", limit, limit=2)
    rest = world.store.ended_before("ada", limit, after=first[-1][0], limit=2)
    assert [job_id for _, job_id in first + rest] == old
    world.store.erase(old, "ada")
    assert world.store.ended_before("ada", limit, limit=9) == []
    assert world.store.count_ended_before("ada", limit - timedelta(days=1)) == 0


def test_a_program_that_is_submitted_while_it_is_erased_is_there_in_the_end(world):
    """Whoever is first: who submits stores it again, or who erases sees that it is in use."""
    for _ in range(20):
        old = world.job(S.COMPLETED)
        gate, failed = threading.Barrier(2), []

        def run(act, gate=gate, failed=failed):
            gate.wait()
            try:
                act()
            except Exception as error:  # noqa: BLE001 - looked at below
                failed.append(error)

        record = world.record()
        threads = [
            threading.Thread(target=run, args=(lambda old=old: world.store.erase([old], "ada"),)),
            threading.Thread(
                target=run, args=(lambda record=record: world.store.accept(record, world.program),)
            ),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert world.store.program(world.program.digest) == world.program
        for to in (S.QUEUED, S.RUNNING, S.COMPLETED):
            world.to(record.id, to)
        world.store.erase([record.id], "ada")


def test_many_programs_and_jobs_at_once(world):
    ids = []
    for number in range(30):
        program = Program(ProgramFormat.QASM3, b"OPENQASM 3.0; // %d" % (number // 3))
        record = world.record(program=program.digest)
        world.store.accept(record, program)
        for to in (S.QUEUED, S.RUNNING, S.COMPLETED):
            world.to(record.id, to)
        ids.append(record.id)
    assert world.store.erase(ids[:29], "ada").jobs == 29
    assert count(world, "results") == 1
    with world.raw as connection:
        kept = connection.execute("SELECT count(*) FROM programs WHERE length(data) > 0").fetchone()[0]
    assert kept == 1


# -- tags ---------------------------------------------------------------------------------------------------------


def test_tags_change_and_whatever_finds_a_job_by_them_follows(world):
    job_id = world.job(name="bell", tags={"run": "7", "who": "Ada"})
    found = world.store.set_tags(job_id, lambda tags: {"who": tags["who"], "run": "8 %", "new": "x"})
    assert found.tags == {"who": "Ada", "run": "8 %", "new": "x"}
    assert world.store.job(job_id) == found

    def by(**wanted):
        return [job.id for job in world.store.jobs(JobFilter(**wanted))]

    assert by(text="run=8") == by(text="who=ada") == by(text="bell") == [job_id]
    assert by(text="run=7") == []
    assert by(tag=("run", "8 %")) == by(tag=("new", None)) == [job_id]
    assert by(tag=("run", "7")) == []
    world.store.set_tags(job_id, lambda _: {})
    assert by(text="run") == by(tag=("run", None)) == []
    assert by(text="bell") == [job_id]
    world.store.check()


def test_a_job_without_name_and_tags_gets_tags(world):
    job_id = world.job()
    world.store.set_tags(job_id, lambda _: {"run": "7"})
    assert [job.id for job in world.store.jobs(JobFilter(text="run=7"))] == [job_id]


def test_tags_of_no_job(world):
    with pytest.raises(NoSuchJob):
        world.store.set_tags("beef", lambda tags: tags)


def test_of_two_who_change_tags_at_once_neither_loses_the_others(world):
    job_id = world.job()
    gate = threading.Barrier(4)

    def add(key):
        gate.wait()
        for number in range(5):
            world.store.set_tags(job_id, lambda tags, number=number: {**tags, f"{key}{number}": "x"})

    threads = [threading.Thread(target=add, args=(key,)) for key in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.store.job(job_id).tags) == 20
