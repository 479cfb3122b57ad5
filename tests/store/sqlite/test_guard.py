"""Each fault of a store, made for real, is one clear error; and what was stored before is still there after it."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from qjob.model.errors import InvalidRequest, StoreCorrupt, StoreError, StoreOnNetwork, StoreUnavailable
from qjob.model.job import JobStatus
from qjob.store.sqlite.guard import Partition, check_place, explain, partitions
from qjob.store.sqlite.schema import APPLICATION_ID
from qjob.store.store import Store

# -- read-only ------------------------------------------------------------------------------------------------


@pytest.fixture
def public():
    """A folder that another user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="qjob-test-"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("folder_mode", "file_mode"),
    [
        pytest.param(0o555, None, id="a folder, no store yet"),
        pytest.param(0o555, 0o444, id="a folder with a store"),
        pytest.param(0o777, 0o444, id="a file"),
        pytest.param(0o000, 0o666, id="a closed folder"),
    ],
)
def test_what_may_not_be_written_is_refused_and_left_alone(public, new_world, script, folder_mode, file_mode):
    path = public / "home" / "q.sqlite"
    path.parent.mkdir()
    jobs = []
    if file_mode is not None:
        world = new_world(path)
        jobs = [world.store.job(world.job(JobStatus.COMPLETED))]
        world.store.close()
        path.chmod(file_mode)
    path.parent.chmod(folder_mode)
    name, *text = script("sqlite/faults.py", "nobody", path)
    path.parent.chmod(0o755)
    assert name == "StoreUnavailable"
    assert str(path) in text[0]
    assert any("QJOB_HOME" in line for line in text[1:])
    assert path.exists() == (file_mode is not None)
    if jobs:
        path.chmod(0o644)
        again = new_world(path)
        assert again.store.jobs() == jobs
        again.store.close()


def test_a_home_that_is_a_file_is_refused(tmp_path, new_world):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        new_world(tmp_path / "home" / "q.sqlite")


def test_a_store_that_is_a_folder_is_refused(tmp_path, new_world):
    (tmp_path / "q.sqlite").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        new_world(tmp_path / "q.sqlite")


def test_the_new_folder_and_file_are_for_this_user_alone(world):
    assert world.path.parent.stat().st_mode & 0o777 == 0o700
    assert [oct(path.stat().st_mode & 0o077) for path in world.path.parent.iterdir()] == ["0o0"] * 3


# -- full -----------------------------------------------------------------------------------------------------


def test_a_full_store_refuses_what_is_new_and_keeps_what_is_old(world):
    job_id = world.job(JobStatus.RUNNING)
    before = world.store.snapshot(job_id)
    with world.store._db.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="is full") as caught:
        world.store.complete(job_id, bytes(1_000_000), world.progress, world.layout)
    assert "Free some space" in caught.value.remedy
    assert world.store.snapshot(job_id) == before
    assert world.store.result(job_id) is None
    with world.store._db.read() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    assert world.store.complete(job_id, bytes(1_000_000), world.progress, world.layout)
    assert len(world.store.result(job_id)) == 1_000_000


def test_a_disk_that_takes_no_more_is_refused_on_opening(tmp_path, script):
    name, *text = script("sqlite/faults.py", "small", tmp_path / "q.sqlite")
    assert name == "StoreUnavailable"
    assert "is full" in text[0]


# -- locked ---------------------------------------------------------------------------------------------------


def test_a_store_locked_for_too_long_is_refused_and_works_again_later(world):
    impatient = Store.open(world.path, clock=world.clock, busy_timeout=0.05)
    job_id = world.job()
    with world.store.transaction():
        with pytest.raises(StoreUnavailable, match="locked by another process") as caught:
            impatient.move(job_id, JobStatus.QUEUED)
        assert impatient.job(job_id).status is JobStatus.INITIALIZING  # readers never wait
    assert caught.value.retry_after == 1.0
    assert impatient.move(job_id, JobStatus.QUEUED)
    impatient.close()


# -- corrupt --------------------------------------------------------------------------------------------------


def damage(path, start, size):
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * size)


@pytest.mark.parametrize(
    "content",
    [b"no database at all, whatever it is" * 9, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["text", "head"],
)
def test_what_is_no_database_is_refused_and_left_alone(tmp_path, new_world, content):
    path = tmp_path / "q.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="damaged or no database") as caught:
        new_world(path)
    assert ".recover" in caught.value.remedy
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("application_id", "script"),
    [
        pytest.param(0, "CREATE TABLE songs (title TEXT)", id="unmarked tables"),
        pytest.param(1234, "CREATE TABLE songs (title TEXT)", id="marked tables"),
        pytest.param(1234, "", id="marked and empty"),
    ],
)
def test_the_database_of_another_program_is_refused_and_left_alone(
    tmp_path, new_world, application_id, script
):
    path = tmp_path / "q.sqlite"
    other = sqlite3.connect(path)
    other.executescript(f"PRAGMA application_id = {application_id}; {script}")
    other.close()
    content = path.read_bytes()
    with pytest.raises(
        StoreCorrupt, match=f"another program .application id {application_id:#x}, not 0x716a6f62"
    ):
        new_world(path)
    assert path.read_bytes() == content


def test_a_small_store_with_a_damaged_page_is_refused_on_opening(world, new_world):
    for _ in range(50):
        world.job()
    world.store.close()
    damage(world.path, world.path.stat().st_size - 3 * 4096, 2 * 4096)
    with pytest.raises(StoreCorrupt, match="damaged"):
        new_world(world.path)


def test_damage_met_later_is_told_and_the_rest_is_still_read(world, monkeypatch):
    job_id = world.job(JobStatus.COMPLETED, name="kept")
    world.store.complete(
        world.job(JobStatus.RUNNING, name="hit"), bytes(200_000), world.progress, world.layout
    )
    with world.store._db.read() as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'log'").fetchone()[0]
    world.store.close()
    monkeypatch.setattr("qjob.store.sqlite.database.CHECKED_SIZE", 0)
    damage(world.path, (root - 1) * 4096, 4096)
    again = Store.open(world.path, clock=world.clock)
    with pytest.raises(StoreCorrupt, match="damaged"):
        again.log(job_id)
    with pytest.raises(StoreCorrupt, match="damaged"):
        again.check()
    assert again.job(job_id).name == "kept"
    assert again.result(job_id) == b"packed"
    again.close()


# -- on a network ---------------------------------------------------------------------------------------------

MOUNTS = [
    Partition("/", "ext4"),
    Partition("/home", "nfs4"),
    Partition("/home/ada/local", "xfs"),
    Partition("/mnt", "autofs"),
    Partition("/mnt/box", "fuse.sshfs"),
    Partition("/mnt/box", "ext4"),
    Partition("/mnt/share", "CIFS"),
    Partition("/memory", "tmpfs"),
]


@pytest.mark.parametrize(
    ("path", "fstype"),
    [
        pytest.param("/var/qjob/q.sqlite", None, id="the root, local"),
        pytest.param("/home/ada/q.sqlite", "nfs4", id="an nfs home"),
        pytest.param("/home/ada/local/q.sqlite", None, id="a local disk inside it"),
        pytest.param("/home/ada/localities/q.sqlite", "nfs4", id="a name that only begins alike"),
        pytest.param("/home/ada/local/../q.sqlite", "nfs4", id="a way back out"),
        pytest.param("/mnt/box/q.sqlite", None, id="a later mount hides an earlier"),
        pytest.param("/mnt/share/q.sqlite", "CIFS", id="in capitals"),
        pytest.param("/memory/q.sqlite", None, id="memory"),
    ],
)
def test_where_a_store_may_lie(path, fstype):
    if fstype is None:
        check_place(Path(path), MOUNTS)
        return
    with pytest.raises(StoreOnNetwork, match=f"network file system .{fstype} at") as caught:
        check_place(Path(path), MOUNTS)
    assert "QJOB_HOME" in caught.value.remedy
    assert "local disk" in caught.value.remedy


FOREIGN = [
    "nfs",
    "cifs",
    "smb3",
    "smbfs",
    "fuse.sshfs",
    "9p",
    "afs",
    "lustre",
    "ceph",
    "gpfs",
    "beegfs",
    "afpfs",
]
LOCAL = ["ext4", "xfs", "btrfs", "zfs", "apfs", "hfs", "tmpfs", "overlay", "fuseblk", "fuse.ext2", "ecryptfs"]


@pytest.mark.parametrize("fstype", FOREIGN + LOCAL)
def test_which_file_systems_are_refused(tmp_path, fstype):
    path = tmp_path / "home" / "q.sqlite"
    mounted = [Partition("/", fstype)]
    if fstype in LOCAL:
        Store.open(path, clock=lambda: None, partitions=lambda: mounted).close()
        return
    with pytest.raises(StoreOnNetwork, match=fstype):
        Store.open(path, clock=lambda: None, partitions=lambda: mounted)
    assert not path.parent.exists()


def test_a_link_does_not_hide_where_a_store_lies(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    mounted = [Partition("/", "ext4"), Partition(str((tmp_path / "far").resolve()), "nfs")]
    with pytest.raises(StoreOnNetwork):
        check_place(tmp_path / "near" / "q.sqlite", mounted)


def test_this_machine_tells_its_mounts():
    assert any(part.mountpoint == "/" for part in partitions())


# -- the rest -------------------------------------------------------------------------------------------------


def sqlite_error(code):
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), StoreUnavailable, "locked"),
        (sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE), StoreUnavailable, "full"),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ), StoreUnavailable, "cannot be used"),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), StoreUnavailable, "cannot be written"),
        (sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX), StoreCorrupt, "damaged"),
        (sqlite_error(sqlite3.SQLITE_TOOBIG), StoreError, "too large"),
        (sqlite_error(sqlite3.SQLITE_SCHEMA), StoreError, "refused"),
        (sqlite3.ProgrammingError("closed"), StoreError, "refused"),
        (OSError(28, os.strerror(28)), StoreUnavailable, "No space left"),
        (OverflowError("too big"), InvalidRequest, "too large"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_every_error_of_sqlite_is_said_in_plain_words(error, kind, message):
    found = explain(error, Path("/somewhere/q.sqlite"))
    assert type(found) is kind
    assert message in found.message
    assert "Traceback" not in "".join(found._render_traceback_())


def test_the_mark_spells_qjob():
    assert APPLICATION_ID.to_bytes(4, "big") == b"qjob"


def test_a_file_that_is_removed_under_an_open_store_takes_no_more_jobs(world):
    world.job()
    world.store._db.path.unlink()
    with pytest.raises(StoreUnavailable, match="was removed or replaced"):
        world.job()
