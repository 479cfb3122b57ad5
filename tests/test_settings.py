"""Where settings come from, which one wins, and what is said when one does not fit."""

import getpass
import traceback
from pathlib import Path

import pytest

from qjob.model.errors import InvalidRequest
from qjob.settings import load_settings


@pytest.mark.parametrize(
    ("environ", "file", "overrides", "workers"),
    [
        ({}, "workers = 3", {}, 3),
        ({"QJOB_WORKERS": "5"}, "workers = 3", {}, 5),
        ({"QJOB_WORKERS": "5"}, "workers = 3", {"workers": 7}, 7),
        ({"QJOB_WORKERS": "5"}, "workers = 3", {"workers": None}, 5),
        ({"QJOB_WORKERS": ""}, "workers = 3", {}, 3),
    ],
    ids=["file", "environment over file", "argument over both", "None is passed over", "empty is unset"],
)
def test_who_wins(tmp_path, environ, file, overrides, workers):
    (tmp_path / "config.toml").write_text(file)
    assert load_settings({"QJOB_HOME": str(tmp_path), **environ}, **overrides).workers == workers


def test_defaults(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    settings = load_settings({})
    assert settings.home.is_absolute()
    assert settings.home.name == "qjob"
    assert settings.database == settings.home / "qjob.sqlite"
    assert settings.user == "ada"
    assert 1 <= settings.workers <= 8
    assert settings.worker_start is None
    assert settings.worker_idle_minutes == 5
    assert (settings.attempts, settings.retry_minutes) == (5, 60)


@pytest.mark.parametrize(
    ("environ", "user"),
    [
        ({"JUPYTERHUB_USER": "hub"}, "hub"),
        ({"JUPYTERHUB_USER": "hub", "QJOB_USER": "me"}, "me"),
    ],
)
def test_the_user(environ, user):
    assert load_settings(environ).user == user


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1234"), OSError("No username set")])
def test_an_account_without_a_name(monkeypatch, error):
    def nameless():
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert load_settings({}).user.startswith("uid-")


def test_paths_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({"QJOB_HOME": "here"}).home == tmp_path / "here"
    assert load_settings({"QJOB_HOME": "~/there"}).home == tmp_path / "there"
    assert load_settings({}, home=Path("given")).home == tmp_path / "given"


@pytest.mark.parametrize("url", ["postgresql://ada:pw@lab/qjob", "postgres://lab/qjob", "postgresql:///qjob"])
def test_the_url_of_a_database_is_kept_from_who_looks(url):
    settings = load_settings({"QJOB_DATABASE_URL": url})
    assert settings.database_url.get_secret_value() == url
    assert "lab" not in f"{settings!r} {settings}"
    assert load_settings({}).database_url is None


@pytest.mark.parametrize("where", ["environment", "file"])
@pytest.mark.parametrize("url", ["mysql://ada:s3cret@lab/qjob", "ada:s3cret@lab", "postgresql:s3cret"])
def test_the_url_of_something_else_is_refused_and_not_repeated(tmp_path, url, where):
    if where == "file":
        (tmp_path / "config.toml").write_text(f'database_url = "{url}"')
    environ = {"QJOB_DATABASE_URL": url} if where == "environment" else {}
    with pytest.raises(
        InvalidRequest, match="it takes postgresql://user:password@host:port/database"
    ) as caught:
        load_settings({"QJOB_HOME": str(tmp_path), **environ})
    assert "QJOB_DATABASE_URL" in caught.value.remedy
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("environ", "file", "says"),
    [
        ({"QJOB_WORKERS": "many"}, "", "'workers'"),
        ({"QJOB_WORKERS": "0"}, "", "QJOB_WORKERS"),
        ({"QJOB_WORKER_START": "spawn"}, "", "'fork' or 'fresh'"),
        ({"QJOB_WORKER_IDLE_MINUTES": "0"}, "", "worker_idle_minutes"),
        ({"QJOB_ATTEMPTS": "0"}, "", "QJOB_ATTEMPTS"),
        ({"QJOB_ATTEMPTS": "101"}, "", "QJOB_ATTEMPTS"),
        ({"QJOB_RETRY_MINUTES": "-1"}, "", "QJOB_RETRY_MINUTES"),
        ({"QJOB_RETRY_MINUTES": "inf"}, "", "QJOB_RETRY_MINUTES"),
        ({"QJOB_HOME": "~nobody-has-this-name/x"}, "", "QJOB_HOME"),
        ({}, "wokers = 3", "wokers"),
        ({}, "workers = [", "no valid TOML"),
        ({}, b"workers = '\xff'", "no valid TOML"),
    ],
)
def test_what_does_not_fit(tmp_path, environ, file, says):
    (tmp_path / "config.toml").write_bytes(file if isinstance(file, bytes) else file.encode())
    with pytest.raises(InvalidRequest) as caught:
        load_settings({"QJOB_HOME": str(tmp_path), **environ})
    assert says in str(caught.value)
    assert caught.value.remedy
