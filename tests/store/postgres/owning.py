"""A process that is an owner in a server. Usage: owning.py URL. Prints its id, then waits to be killed."""

import sys
from datetime import UTC, datetime

from qjob.store.store import Store

store = Store.connect(sys.argv[1], clock=lambda: datetime.now(UTC))
print(store.owners.claim().id, flush=True)
sys.stdin.read()
