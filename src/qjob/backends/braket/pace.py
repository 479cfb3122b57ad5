"""When a task is looked at next: often at first and while it runs, less often while it waits, slower in trouble.

Pure but for what it remembers: it reads no clock and never sleeps.
"""

FIRST = 0.25
"""Seconds to the second look."""

GROWTH = 1.4

LONGEST_RUNNING = {True: 2.0, False: 5.0}
"""Seconds between looks at a task that runs, at the most: on a simulator, on a device."""

LONGEST_WAITING = {True: 3.0, False: 15.0}
"""The same of one that waits in the queue."""

TROUBLE = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until a service that did not answer is asked again."""

LOGIN = 5.0
"""Seconds until it is looked whether somebody has logged in."""

LOST_AFTER = 120
"""So many times in a row a task has to be unknown to be lost, which takes an hour: money hangs on it."""

NO_RESULT_AFTER = 10
"""So many times in a row a result has to be unreadable to be lost, which takes two minutes."""

BELIEVED = 2
"""So many times in a row a task that ran has to be told as waiting: a single time is an answer that came late."""


class Pace:
    """The pace of one task."""

    def __init__(self) -> None:
        self._next = FIRST
        self._troubles = 0
        self._unknown = 0
        self._back = 0

    @property
    def troubled(self) -> bool:
        """Whether the last question was not answered."""
        return self._troubles > 0

    def next(self, *, running: bool, simulator: bool) -> float:
        """Return the seconds to the next look."""
        longest = (LONGEST_RUNNING if running else LONGEST_WAITING)[simulator]
        seconds = min(self._next, longest)
        self._next = min(self._next * GROWTH, longest)
        return seconds

    def moved(self) -> None:
        """Look more often again: something has changed."""
        self._next = FIRST

    def well(self) -> None:
        """Note that the service has answered."""
        self._troubles = self._unknown = 0

    def trouble(self, *, login: bool) -> float:
        """Return the seconds until a question is tried again; ``login``: it waits for somebody to log in."""
        self._troubles += 1
        return LOGIN if login else TROUBLE[min(self._troubles, len(TROUBLE)) - 1]

    def lost(self) -> bool:
        """Note that the service does not know the task; return whether to believe it."""
        self._unknown += 1
        return self._unknown >= LOST_AFTER

    def no_result(self) -> bool:
        """Note that a result could not be read; return whether to believe that it never will be."""
        self._unknown += 1
        return self._unknown >= NO_RESULT_AFTER

    def back(self, *, waiting: bool) -> bool:
        """Note whether a task that ran is told as waiting; return whether to believe it."""
        self._back = self._back + 1 if waiting else 0
        return self._back >= BELIEVED
