"""Waiting for what others write to a file: the file itself in trouble."""

import pytest

from qjob.model.errors import StoreUnavailable
from qjob.model.job import JobStatus

S = JobStatus


def test_a_file_that_was_removed_is_said_and_one_that_is_back_is_watched_again(world, tmp_path):
    changes = world.store.changes()
    assert changes.wait(0)
    aside = tmp_path / "aside"
    world.path.rename(aside)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="removed or replaced"):
            changes.wait(20)
    aside.rename(world.path)
    assert changes.wait(20)
    assert not changes.wait(0.1)
    world.job()
    assert changes.wait(20)
    changes.close()


def test_a_file_that_was_replaced_is_said(world):
    changes = world.store.changes()
    world.path.unlink()
    world.path.touch()
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        changes.wait(20)
    changes.close()


@pytest.mark.slow
def test_it_looks_often_at_first_and_then_as_seldom_as_is_asked_for(world, monkeypatch):
    looks = []
    look = type(world.store._db).version_seen_by
    monkeypatch.setattr(
        type(world.store._db), "version_seen_by", lambda *given: (looks.append(1), look(*given))[1]
    )
    for seconds, least, most in ((0.01, 10, 80), (0.1, 3, 8)):
        changes = world.store.changes(seconds)
        changes.wait(0)
        changes.wait(10 * seconds)
        del looks[:]
        assert not changes.wait(0.5)
        assert least <= len(looks) <= most
        changes.wake()
        assert not changes.wait(0.5)  # it is what was woken
        del looks[:]
        assert not changes.wait(0.1)
        assert len(looks) >= 4  # some milliseconds apart
        changes.close()
