"""``qjob key``: what it prints, and what it never prints again."""

import re

import pytest

import qjob
from qjob.cli import main

TEXT = re.compile(r"qjob_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


@pytest.fixture
def said(capsys, monkeypatch):
    """Run a command line; return its exit status and what it printed."""
    monkeypatch.setenv("QJOB_USER", "ada")

    def run(*words):
        try:
            status = main(["key", *words])
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        return status, out + err

    def parts(*words):
        main(["key", *words])
        return capsys.readouterr()

    run.parts = parts

    return run


def test_a_key_is_printed_once_with_what_it_allows(said):
    status, text = said("create", "my script", "--days", "30", "--email", "ada@lab.example")
    assert status == 0
    first, *rest = text.splitlines()
    assert TEXT.fullmatch(first)
    said_of_it = "\n".join(rest)
    assert "only time" in said_of_it
    assert "ada in team ada, until 20" in said_of_it
    assert "submit, cancel and retry jobs, which the team pays, and delete those of this user" in said_of_it
    assert "Python code" not in said_of_it
    assert f"qjob key revoke {TEXT.match(first)[1]}" in said_of_it
    with qjob.connect() as engine:
        assert engine.key_of(first).email == "ada@lab.example"
    _, listed = said("list")
    assert TEXT.match(first)[1] in listed
    assert first[18:] not in listed


def test_the_key_alone_is_standard_output(said):
    out, err = said.parts("create", "a")
    assert TEXT.fullmatch(out.removesuffix("\n"))
    assert "only time" in err
    assert out.strip() not in err


def test_inline_is_for_who_asks_for_it(said):
    _, text = said("create", "a", "--scope", "read,inline")
    assert "run Python code of its own on the machine of the server" in text
    assert "submit" not in text


def test_the_list_says_which_keys_open_what(said):
    assert said("list") == (0, "ada has no API keys. Make one: qjob key create NAME\n")
    more = {"first": ("--email", "ada@lab.example"), "second": ("--organization", "lab")}
    ids = [TEXT.match(said("create", name, *words)[1])[1] for name, words in more.items()]
    status, text = said("revoke", "first")
    assert (status, text) == (0, f"Key {ids[0]} (first) opens nothing any more.\n")
    _, text = said("list")
    head, first, second = (re.split(r"  +", line) for line in text.splitlines())
    assert head == ["ID", "NAME", "TEAM", "SCOPES", "EMAIL", "ORGANIZATION", "LAST USED", "VALID"]
    assert first[:7] == [ids[0], "first", "ada", "read,submit", "ada@lab.example", "any", "never"]
    assert first[7].startswith("no: revoked 20")
    assert second == [ids[1], "second", "ada", "read,submit", "any", "lab", "never", "until revoked"]


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        pytest.param(
            ["create", "a", "--scope", "sumbit"], "did you mean 'submit'", id="a scope that is none"
        ),
        pytest.param(["create", "a", "--team", "lab"], "is in no team 'lab'", id="a team that is none"),
        pytest.param(["revoke", "abcd"], "See them: qjob key list", id="a key that is none"),
    ],
)
def test_what_is_refused_is_two_lines(said, words, said_of_it):
    status, text = said(*words)
    assert status == 1
    assert said_of_it in text
    assert text.startswith("qjob: ")
    assert len(text.splitlines()) == 2


def test_the_help_says_what_inline_grants(said):
    status, text = said("create", "--help")
    assert status == 0
    assert "inline  lets whoever has the key run Python code of its own on the machine of the server" in text
    assert "never given unless it is asked for" in text
