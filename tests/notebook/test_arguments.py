"""A command line becomes typed arguments, or an error that says what was meant."""

import pytest

from qjob.model.errors import InvalidRequest
from qjob.notebook.arguments import SubmitArguments, parse_list, parse_quote, parse_submit, verb_of, words


def submit(line, **more):
    return parse_submit(words(line), prog="%%qjob", **more)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("", SubmitArguments(), id="nothing given"),
        pytest.param("--backend sv1 --shots 7", SubmitArguments(backend="sv1", shots="7"), id="words"),
        pytest.param("-b sv1 -n 7", SubmitArguments(backend="sv1", shots="7"), id="short"),
        pytest.param("--backend=sv1", SubmitArguments(backend="sv1"), id="equals sign"),
        pytest.param("--name 'a b'", SubmitArguments(name="a b"), id="quotation marks"),
        pytest.param("--tag a=1 --tag b=x=y", SubmitArguments(tags={"a": "1", "b": "x=y"}), id="tags"),
        pytest.param(
            "-o t1=50 --option t2=70", SubmitArguments(options={"t1": "50", "t2": "70"}), id="options"
        ),
        pytest.param(
            "--wait --out job --seed 3", SubmitArguments(wait=True, out="job", seed="3"), id="the rest"
        ),
        pytest.param("--quote", SubmitArguments(quote=True), id="a quote"),
        pytest.param(
            "-b iqm-garnet --rehearse", SubmitArguments(backend="iqm-garnet", rehearse=True), id="a rehearsal"
        ),
    ],
)
def test_a_line_is_read(line, expected):
    assert submit(line) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("--shotz 3", "did you mean '--shots'", id="a typo"),
        pytest.param("--rehearsal", "did you mean '--rehearse'", id="nearly a rehearsal"),
        pytest.param("--shot 3", "did you mean '--shots'", id="no abbreviation"),
        pytest.param("sv1", "no option 'sv1'", id="a stray word"),
        pytest.param("--backend", "expected one argument", id="a value missing"),
        pytest.param("--tag a", "no KEY=VALUE", id="a tag without a value"),
        pytest.param("--option =3", "no KEY=VALUE", id="an option without a name"),
        pytest.param("--out 2x", "no variable name", id="a bad variable"),
        pytest.param("--out None", "no variable name", id="a keyword"),
        pytest.param("--name 'a", "cannot be read", id="an open quotation mark"),
    ],
)
def test_a_bad_line_says_why(line, says):
    with pytest.raises(InvalidRequest, match=says) as error:
        submit(line)
    assert error.value.remedy


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        pytest.param("qc", "qc", id="a name"),
        pytest.param("--shots 7 make('a b')", "make('a b')", id="quotation marks stay Python's"),
        pytest.param("qc[0] --name 'my job'", "qc[0]", id="options after it"),
    ],
)
def test_submit_takes_an_expression(line, expression):
    found = parse_submit(words(line, keep_quotes=True), prog="%qjob submit", expression=True)
    assert found.expression == expression


def test_quotation_marks_of_an_option_are_taken_off_beside_an_expression():
    found = parse_submit(
        words("qc --name 'my job' --tag 'a=b c'", keep_quotes=True), prog="x", expression=True
    )
    assert (found.name, found.tags) == ("my job", {"a": "b c"})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("", "wants a verb", id="nothing"),
        pytest.param("statsu bell", "did you mean 'status'", id="a typo"),
        pytest.param("fly", "no verb 'fly'", id="unknown"),
    ],
)
def test_verbs(line, says):
    with pytest.raises(InvalidRequest, match=says) as error:
        verb_of(line)
    assert "backends" in error.value.remedy


def test_list_takes_filters_and_a_word():
    found = parse_list(words("bell --status completed --limit 3"))
    assert (found.status, found.backend, found.text, found.limit) == ("completed", None, "bell", 3)


@pytest.mark.parametrize(
    ("line", "shots", "expression"),
    [("qc", 1000, "qc"), ("qc --shots 7", "7", "qc"), ("-n 7 make('a b')", "7", "make('a b')")],
)
def test_quote_takes_an_expression_and_shots(line, shots, expression):
    found = parse_quote(words(line, keep_quotes=True))
    assert (found.shots, found.expression, found.notebook) == (shots, expression, "")


def test_quote_takes_no_other_option():
    with pytest.raises(InvalidRequest, match=r"no option '--shot'.*did you mean '--shots'"):
        parse_quote(words("qc --shot 3"))
