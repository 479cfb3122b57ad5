"""A process that is an owner. Usage: owning.py CASE HOME. Prints its id, then waits to be killed."""

import os
import subprocess
import sys
from pathlib import Path

from qjob.store.sqlite.owners import FileOwners

CASE, HOME = sys.argv[1], Path(sys.argv[2])

owner = FileOwners(HOME).claim()
print("owner", owner.id, flush=True)  # before there is a child that prints too
match CASE:
    case "fork":
        if (child := os.fork()) == 0:
            owner.release()  # a child cannot release what is its parent's
            print("child", os.getpid(), flush=True)
            sys.stdin.read()
            os._exit(0)
    case "exec":
        print(
            "child", subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"]).pid, flush=True
        )
    case "alone":
        pass
sys.stdin.read()
