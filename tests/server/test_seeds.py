"""Seeds as JSON has them: what JavaScript would read wrong is text, and text is taken."""

import json

import pytest
from pydantic import TypeAdapter, ValidationError

from qjob.server.seeds import EXACT, Seed, shown_seed
from qjob.typed import SEED_BITS

LAST = (1 << SEED_BITS) - 1
READ = TypeAdapter(Seed, config={"strict": True})


@pytest.mark.parametrize("seed", [0, 7, EXACT - 1, EXACT, EXACT + 1, 10**18, LAST])
def test_a_seed_comes_back_as_it_was_told(seed):
    told = json.loads(json.dumps(shown_seed(seed)), parse_int=float)  # as JavaScript reads it
    back = int(told) if isinstance(told, float) else told
    assert READ.validate_json(json.dumps(back)) == seed
    assert READ.validate_json(json.dumps(str(seed))) == seed


@pytest.mark.parametrize(
    "text", ["-1", '"-1"', str(LAST + 1), f'"{LAST + 1}"', '"9999999999999999999"', '""', '"1e3"']
)
def test_what_is_no_seed_is_refused(text):
    with pytest.raises(ValidationError):
        READ.validate_json(text)
