"""How much one piece of code may use. Values only."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one run of inline code.

    Parameters
    ----------
    seconds
        Wall time from the start of the process, its imports included, and CPU time of each of its processes.
    memory_mb
        Address space in megabytes. Importing qiskit alone reserves about 1,200 of it (and uses 90).
    output_bytes
        What the code may print.
    processes
        Processes and threads that the code may start. Only 0 can be kept on every system, so there is no other.
    file_bytes
        The size of a file in the working folder, and of all of them together.
    circuits
        How many circuits a list may hold.
    code_chars
        The length of the code in characters.
    program_bytes
        What all circuits may take together, as programs.
    """

    seconds: float = 20.0
    memory_mb: int = 2048
    output_bytes: int = 1_000_000
    processes: int = 0
    file_bytes: int = 10 * MB
    circuits: int = 1000
    code_chars: int = 50_000
    program_bytes: int = 10 * MB

    def __post_init__(self) -> None:
        if self.processes != 0:
            raise ValueError("code in the sandbox starts no processes: processes has to be 0")
