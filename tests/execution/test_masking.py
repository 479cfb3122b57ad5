"""What is hidden of a text, and what stays readable."""

import time

import pytest

from qjob.execution.masking import Mask, secrets_of

KEY_ID, KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("to postgresql://ada:s3cret@lab:5432/qjob now", "to postgresql://ada:***@lab:5432/qjob now",
            id="a database"),
        pytest.param("postgresql://:s3cret@lab/qjob", "postgresql://:***@lab/qjob", id="no user"),
        pytest.param("postgresql://ada:s@cr/et@lab/qjob", "postgresql://ada:***@lab/qjob", id="an @ in it"),
        pytest.param('at "postgresql://ada:s"cr\'et@lab/qjob"', 'at "postgresql://ada:***@lab/qjob"', id="quotes"),
        pytest.param("http_proxy http://ada:s3cret@proxy:8080", "http_proxy http://ada:***@proxy:8080", id="a proxy"),
        pytest.param("host=lab password=s3cret user=ada", "host=lab password=*** user=ada", id="libpq's words"),
        pytest.param("password='s3 cr et' user=ada", "password=*** user=ada", id="in quotes"),
        pytest.param(f"the key {KEY_ID} is not valid", "the key *** is not valid", id="an AWS key's id"),
        pytest.param(f"{{'aws_secret_access_key': '{KEY}', 'x': 1}}", "{'aws_secret_access_key': ***, 'x': 1}",
            id="an AWS key"),
        pytest.param(f"AWS_SECRET_ACCESS_KEY={KEY}", "AWS_SECRET_ACCESS_KEY=***", id="as a variable"),
        pytest.param("{'X-Amz-Security-Token': b'FwoGZ//x=='}", "{'X-Amz-Security-Token': ***}", id="a header"),
        pytest.param("https://s3/x?X-Amz-Signature=ab12&X-Amz-Date=1", "https://s3/x?X-Amz-Signature=***&X-Amz-Date=1",
            id="a signed address"),
        pytest.param("Authorization: Bearer eyJh.bGci-Oi", "Authorization: Bearer ***", id="a bearer's token"),
        pytest.param("Authorization: Basic YWRhOnMz", "Authorization: ***", id="a user's password"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden(text, masked):
    assert Mask()(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "The worker process was killed from outside. It had reached 512 MiB.",
        "http://127.0.0.1:4318/v1/traces answers 503",
        "postgresql://ada@lab/qjob",
        "arn:aws:braket:us-east-1:123456789012:quantum-task/1f2e3d4c",
        "basic gates: rx, rz, cx; ada@example.org",
        "job 1f2e3d4c-5b6a-4789-8012-3456789abcde, attempt 2",
    ],
)
def test_what_is_none_is_left_alone(text):
    assert Mask()(text) == text


@pytest.mark.parametrize(
    ("environ", "secrets"),
    [
        pytest.param({"AWS_SECRET_ACCESS_KEY": KEY}, {KEY}, id="a key"),
        pytest.param({"QJOB_DATABASE_URL": "postgresql://ada:a%40b@lab/qjob"}, {"a%40b", "a@b"}, id="of a URL"),
        pytest.param({"OTEL_EXPORTER_OTLP_HEADERS": "api-key=k1234567,x=y7654321"}, {"k1234567", "y7654321"},
            id="of headers"),
        pytest.param({"HOME": "/home/ada", "QJOB_USER": "ada", "URL": "http://[x"}, set(), id="none"),
    ],
)  # fmt: skip
def test_the_secrets_of_an_environment(environ, secrets):
    assert secrets <= secrets_of(environ)
    text = f"it says {' and '.join(sorted(secrets))}"
    hidden = Mask(each for each in secrets_of(environ) if each)(text)
    assert not any(secret in hidden for secret in secrets if len(secret) >= 6)


def test_a_secret_within_another_leaves_nothing():
    assert Mask(["s3cret!", "s3cret!and-more"])("is s3cret!and-more") == "is ***"


def test_short_values_do_not_tear_words():
    assert Mask(["true", ""])("it is true") == "it is true"


def test_within_values_of_json_and_others():
    mask = Mask(["s3cret!"])
    value = {
        "a": ["s3cret!", 1, 1.5, True, None],
        "s3cret!": ("x", {"b": ValueError("s3cret!")}),
        "c": b"s3cret!",
    }
    assert mask.within(value) == {
        "a": ["***", 1, 1.5, True, None],
        "***": ["x", {"b": "***"}],
        "c": "b'***'",
    }


@pytest.mark.parametrize("text", ["x" * 100_000, "://a:" * 5_000, "token " * 10_000, "token=" * 10_000])
def test_long_texts_take_no_long_time(text):
    began = time.monotonic()
    Mask()(text)
    assert time.monotonic() - began < 2
