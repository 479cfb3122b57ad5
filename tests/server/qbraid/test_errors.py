"""How errors look to qBraid's client."""

import json

import pytest

from qjob.model.errors import NotSignedIn, OverBudget, RateLimited, Refusal
from qjob.server.qbraid.errors import error_body


@pytest.mark.parametrize(
    ("error", "message", "detail"),
    [
        pytest.param(
            RateLimited("too many.", remedy="Wait 3 s.", retry_after=2.5),
            "too many. Wait 3 s.",
            {"code": "RATE_LIMITED", "message": "too many.", "remedy": "Wait 3 s.", "retryAfter": 2.5},
            id="the delay is in the body",
        ),
        pytest.param(
            OverBudget("dear.", numbers={"quote": "1000.3", "room": "0.00375", "period": "job"}),
            "dear.",
            {
                "code": "INSUFFICIENT_CREDITS",
                "message": "dear.",
                "remedy": "",
                "quote": "1000.3",
                "room": "0.00375",
                "period": "job",
                "needed": 100030.0,
                "minRequired": 100030.0,
                "balance": 0.375,
            },
            id="money is in credits as well",
        ),
        pytest.param(
            NotSignedIn("who?", remedy="Send a key."),
            "who? Send a key.",
            {"code": "INVALID_API_KEY", "message": "who?", "remedy": "Send a key."},
            id="the service's own code",
        ),
        pytest.param(
            Refusal("no.", numbers={"code": "mine", "message": "mine", "shots": 7, "none": None}),
            "no.",
            {"code": "REFUSED", "message": "no.", "remedy": "", "shots": 7},
            id="numbers do not hide the error",
        ),
    ],
)
def test_an_error_says_all_in_its_body(error, message, detail):
    said = json.loads(error_body(error).model_dump_json(exclude_none=True))
    assert said == {"success": False, "message": message, "error": detail}
