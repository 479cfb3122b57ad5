"""The controls of a form and the arguments of a line: each follows from the other, and nothing gets lost."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.utils.text import DollarFormatter

from qjob.model.errors import InvalidRequest
from qjob.notebook.arguments import SubmitArguments, parse_submit, words
from qjob.notebook.form.state import (
    UNREACHABLE,
    FormState,
    arguments_of,
    cell_line,
    state_of,
    submit_line,
)

# what a field of one line can hold; a pair is stripped, and its outer quotation marks are taken off, when it is read
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
TEXTS = LINES.filter(lambda text: text == text.strip())
KEYS = TEXTS.filter(lambda text: "=" not in text and text[0] not in "'\"")
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
NAMES = st.sampled_from(["qc", "circuits", "make(3)", "rabi[2]", "f('a b')"])

ARGUMENTS = st.builds(
    SubmitArguments,
    backend=SLUGS,
    shots=st.integers(1, 100_000).map(str),
    mode=st.sampled_from(["direct", "durable"]),
    name=st.none() | TEXTS,
    tags=st.dictionaries(KEYS, TEXTS, max_size=3),
    options=st.dictionaries(st.from_regex(r"[a-z_0-9]{1,12}", fullmatch=True), TEXTS, max_size=3),
    seed=st.none() | st.integers(0, 2**62).map(str),
    out=st.none() | st.sampled_from(["job", "my_job"]),
    rehearse=st.booleans(),
    fresh=st.booleans(),
    no_wait=st.booleans(),
    partial=st.booleans(),
    expression=st.just("") | NAMES,
)


def expanded(line):
    """What IPython makes of a line before a magic gets it."""
    return DollarFormatter().vformat(line, args=[], kwargs={"self": "of the user"})


@given(ARGUMENTS)
def test_a_form_holds_all_that_a_line_can_ask_for(arguments):
    assert arguments_of(state_of(arguments)) == arguments


@given(ARGUMENTS)
def test_the_first_line_of_a_cell_is_read_as_the_same(arguments):
    magic, line = expanded(cell_line(arguments)).split(maxsplit=1)
    assert magic == "%%qjob"
    assert parse_submit(words(line), prog="%%qjob") == replace(arguments, expression="")


@pytest.mark.slow
@given(ARGUMENTS)
def test_the_submit_line_is_read_as_the_same_or_is_not_there(arguments):
    line = expanded(submit_line(arguments))
    if line:
        typed = words(line.removeprefix("%qjob submit "), keep_quotes=True)
        assert parse_submit(typed, prog="%qjob submit", expression=True) == arguments
    else:
        awkward = [
            *arguments.tags,
            *arguments.tags.values(),
            *arguments.options.values(),
            arguments.name or "",
        ]
        assert not arguments.expression or any(set("'\"") & set(text) for text in awkward)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        pytest.param("a=b, c=d", {"a": "b", "c": "d"}, id="between"),
        pytest.param("a=b,, c=d,", {"a": "b", "c": "d"}, id="several, and at the end"),
        pytest.param("a=b , c=d", {"a": "b", "c": "d"}, id="by itself"),
        pytest.param("a='b c', 'd=e f',", {"a": "b c", "d": "e f"}, id="after quotation marks"),
        pytest.param("'a=b,' c=\"d, e\"", {"a": "b,", "c": "d, e"}, id="in quotation marks they are meant"),
        pytest.param("a=b,c", {"a": "b,c"}, id="within a word they are meant"),
    ],
)
def test_commas_between_tags_are_none_of_theirs(typed, tags):
    assert dict(arguments_of(FormState(tags=typed)).tags) == tags


@given(ARGUMENTS, st.dictionaries(KEYS, TEXTS.map(lambda text: f"{text},"), min_size=1, max_size=3))
def test_a_comma_that_a_tag_ends_with_stays(arguments, tags):
    arguments = replace(arguments, tags=tags)
    assert arguments_of(state_of(arguments)) == arguments


@pytest.mark.parametrize("name", [each.name for each in fields(SubmitArguments)])
def test_every_argument_has_a_control_or_a_reason_why_not(name):
    state = FormState(
        expression="qc",
        backend="sv1",
        shots="7",
        mode="durable",
        name="bell",
        tags="a=1",
        options={"t1": "50"},
        seed="3",
        out="job",
        rehearse=True,
        fresh=True,
        no_wait=True,
        partial=True,
    )
    changed = getattr(arguments_of(state), name) != getattr(SubmitArguments(), name)
    assert changed == (name not in UNREACHABLE)


@pytest.mark.parametrize(
    ("state", "cell", "line"),
    [
        pytest.param(
            FormState("qc"),
            "%%qjob --backend marqov-sim --shots 1000",
            "%qjob submit qc --backend marqov-sim --shots 1000",
            id="the least",
        ),
        pytest.param(
            FormState("qc", backend="sv1", shots="7", name="my job", tags="a=1 'b=x y'"),
            "%%qjob --backend sv1 --shots 7 --name 'my job' --tag a=1 --tag 'b=x y'",
            '%qjob submit qc --backend sv1 --shots 7 --name "my job" --tag a=1 --tag "b=x y"',
            id="names and tags",
        ),
        pytest.param(
            FormState("f('a b')", options={"t1": "50", "t2": ""}, mode="durable", no_wait=True),
            "%%qjob --backend marqov-sim --shots 1000 --mode durable --option t1=50 --no-wait",
            "%qjob submit f('a b') --backend marqov-sim --shots 1000 --mode durable --option t1=50 --no-wait",
            id="an expression, options and switches",
        ),
        pytest.param(
            FormState("qc", name="-x"),
            "%%qjob --backend marqov-sim --shots 1000 --name=-x",
            '%qjob submit qc --backend marqov-sim --shots 1000 --name "-x"',
            id="what looks like an option",
        ),
        pytest.param(
            FormState("", name="$5 {x}"),
            "%%qjob --backend marqov-sim --shots 1000 --name '{'$'}5 {{x}}'",
            "",
            id="what IPython would expand; no expression, no second line",
        ),
    ],
)
def test_lines(state, cell, line):
    assert cell_line(arguments_of(state)) == cell
    assert submit_line(arguments_of(state)) == line


@pytest.mark.parametrize(
    ("state", "says"),
    [
        pytest.param(FormState(tags="a"), "--tag 'a' is no KEY=VALUE", id="a tag without a value"),
        pytest.param(FormState(tags="a='b"), "cannot be read", id="an open quotation mark"),
        pytest.param(FormState(out="2x"), "no variable name", id="a bad variable"),
    ],
)
def test_what_a_line_refuses_a_form_refuses(state, says):
    with pytest.raises(InvalidRequest, match=says):
        arguments_of(state)
