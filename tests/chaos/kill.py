"""kill -9 of kernels, workers and templates at random moments: ``python tests/chaos/kill.py --rounds 200 --seed 1``.

After each kill: every job whose submission had returned is in the store, with a log without gaps and legal moves;
every completed one has exactly its shots; after a kernel's death nothing is left unfinished and no process of it
lives for a second; after a worker's or a template's death the same kernel completes further jobs.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: this process forks, so it may have no threads
os.environ["QJOB_COUNT_LOCAL"] = "false"  # the rate limits would end it after ten jobs

import argparse
import json
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
import qiskit.circuit.library
import qiskit.qasm2  # noqa: F401 - as above
from checker import Checker
from victim import MARK, Victim

import qjob.engine  # noqa: F401 - as above

KINDS = {"kernel": 0.2, "worker": 0.7, "template": 0.1}
KILLS_OF_ONE_VICTIM = 30
FRESH = 0.1
"""The part of the kernels whose workers start fresh instead of from a template."""
PATIENCE = 60.0
SURVIVAL = 1.0
"""Seconds that a worker may outlive its kernel."""


def forked(run):
    """Fork a process that runs a function and never comes back; return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        run()
        code = 0
    finally:
        os._exit(code)


class Lines:
    """Reads lines from a pipe as they come."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.rest = b""
        os.set_blocking(descriptor, False)

    def new(self):
        """Return the complete lines that have come, split into words; None at the end."""
        while True:
            try:
                data = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                break
            if not data:
                return self._take() or None
            self.rest += data
        return self._take()

    def _take(self):
        *lines, self.rest = self.rest.split(b"\n")
        return [line.decode().split() for line in lines]


class Running:
    """A victim as its killer sees it."""

    def __init__(self, home, seed, *, endless, fresh=False):
        self.mark = secrets.token_hex(8)
        self.promised = {}
        self.completed = 0
        self.done = False
        out_read, out_write = os.pipe()
        told_read, self.told = os.pipe()

        def run():
            os.close(out_read)
            os.close(self.told)
            os.environ[MARK] = self.mark
            victim = Victim(out_write, seed, home=home, worker_start="fresh" if fresh else "fork")
            victim.until_killed() if endless else victim.until_told(told_read)

        self.pid = forked(run)
        os.close(out_write)
        os.close(told_read)
        self.lines = Lines(out_read)

    def listen(self):
        """Take note of what it said."""
        for words in self.lines.new() or []:
            match words:
                case ["job", job_id, shots]:
                    self.promised[job_id] = int(shots)
                case ["ended", _, status]:
                    self.completed += status == "COMPLETED"
                case ["done"]:
                    self.done = True

    def until(self, happens, what):
        """Listen until something has happened; return what is wrong where it does not."""
        end = time.monotonic() + PATIENCE
        while not happens():
            if time.monotonic() > end:
                return [f"victim {self.pid}: {what} did not happen within {PATIENCE:g} s"]
            time.sleep(0.002)
            self.listen()
        return []

    def workers(self):
        """Return its worker processes and templates, wherever their parents are now."""
        return self._marked(psutil.process_iter())

    def templates(self):
        """Return those of them that it started itself, without a look at all processes of the machine."""
        try:
            return self._marked(psutil.Process(self.pid).children())
        except psutil.NoSuchProcess:
            return []

    def _marked(self, processes):
        found = []
        for process in processes:
            try:
                if process.pid != self.pid and process.environ().get(MARK) == self.mark:
                    found.append(process)
            except (psutil.Error, OSError):  # not ours, or gone meanwhile; a zombie has no environment
                continue
        return found

    def end(self):
        """Reap it and take its last words."""
        os.waitpid(self.pid, 0)
        self.listen()
        os.close(self.told)
        os.close(self.lines.descriptor)


class Chaos:
    """The rounds of one run."""

    def __init__(self, home, seed):
        self.home = home
        self.random = random.Random(seed)
        self.ask, self.answers = self._start_checker()
        self.kills = Counter()
        self.longest = 0.0
        self.jobs = 0
        self.problems = []

    def _start_checker(self):
        ask_read, ask_write = os.pipe()
        answer_read, answer_write = os.pipe()

        def run():
            os.close(ask_write)
            checker = Checker(self.home)
            with os.fdopen(ask_read) as asked, os.fdopen(answer_write, "w", buffering=1) as answer:
                for line in asked:
                    promised = json.loads(line)
                    problems = checker.jobs(promised, everything_ended=True)
                    answer.write(json.dumps({"problems": problems}) + "\n")
                integrity = checker.integrity()
                answer.write(json.dumps({"integrity": integrity, "seen": checker.seen}) + "\n")

        self.checker = forked(run)
        os.close(ask_read)
        os.close(answer_write)
        return os.fdopen(ask_write, "w", buffering=1), os.fdopen(answer_read)

    def check(self, victim):
        """Have the store checked after the end of a victim."""
        self.jobs += len(victim.promised)
        self.ask.write(json.dumps(victim.promised) + "\n")
        self.problems += json.loads(self.answers.readline())["problems"]

    def kernel(self):
        """Kill a submitting process."""
        fresh = self.random.random() < FRESH
        victim = Running(self.home, self.random.random(), endless=True, fresh=fresh)
        time.sleep(self.random.uniform(0, 2.0 if fresh else 1.4))
        victim.listen()
        os.kill(victim.pid, signal.SIGKILL)
        victim.end()
        self._all_gone(victim)
        self.kills["kernel"] += 1
        self.check(victim)

    def _all_gone(self, victim):
        begin = time.monotonic()
        while left := victim.workers():
            if (waited := time.monotonic() - begin) > SURVIVAL:
                self.problems.append(f"{left} of kernel {victim.pid} live {waited:.2f} s after it")
                for process in left:
                    process.kill()
                return
            time.sleep(0.01)
        self.longest = max(self.longest, time.monotonic() - begin)

    def inside(self, kinds):
        """Kill workers and templates of one kernel, which has to go on."""
        victim = Running(self.home, self.random.random(), endless=False)
        problems = victim.until(lambda: victim.completed, "the first result")
        for kind in kinds:
            if problems:
                break
            time.sleep(self.random.uniform(0, 0.3))
            problems = self._kill_inside(victim, kind)
        os.close(victim.told)
        victim.told = os.dup(0)  # something to close
        if not problems:
            problems = victim.until(lambda: victim.done, "an orderly end")
        if problems:
            os.kill(victim.pid, signal.SIGKILL)
        victim.end()
        self._all_gone(victim)
        self.problems += problems
        self.check(victim)

    def _kill_inside(self, victim, kind):
        chosen = []

        def there_is_one():
            template = victim.templates()
            if kind == "template":
                chosen[:] = template
            else:
                chosen[:] = [child for process in template for child in process.children()]
            return bool(chosen)

        problems = victim.until(there_is_one, f"a {kind}")
        if problems:
            return problems
        self.random.choice(chosen).kill()
        self.kills[kind] += 1
        victim.listen()
        before = victim.completed
        return victim.until(
            lambda: victim.completed >= before + 2, f"two results after the death of a {kind}"
        )

    def run(self, rounds):
        """Draw the rounds, run them in random order, and return whether all was well."""
        kinds = self.random.choices(list(KINDS), list(KINDS.values()), k=rounds)
        inner = [kind for kind in kinds if kind != "kernel"]
        batches = [inner[i : i + KILLS_OF_ONE_VICTIM] for i in range(0, len(inner), KILLS_OF_ONE_VICTIM)]
        deeds = [self.kernel] * kinds.count("kernel") + [
            lambda batch=batch: self.inside(batch) for batch in batches
        ]
        self.random.shuffle(deeds)
        for deed in deeds:
            deed()
            if self.problems:
                break
        self.ask.close()
        last = json.loads(self.answers.readline())
        os.waitpid(self.checker, 0)
        if last["integrity"] != ["ok"]:
            self.problems += last["integrity"]
        return last["seen"]


def main(arguments):
    """Run and print the seed, what was wrong, and one line of summary."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args(arguments)
    seed = secrets.randbits(32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder) / "home", seed)
        seen = chaos.run(given.rounds)
    for problem in chaos.problems:
        print(problem)
    kills = ", ".join(f"{count} {kind}s" for kind, count in sorted(chaos.kills.items()))
    ends = ", ".join(f"{count} {end}" for end, count in sorted(seen.items()))
    print(
        f"{'BROKEN' if chaos.problems else 'ok'}: seed {seed}, killed {kills}; {chaos.jobs} jobs accepted: {ends}; "
        f"workers gone within {chaos.longest:.2f} s; {time.monotonic() - begin:.0f} s in all"
    )
    return 1 if chaos.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
