"""Refuses what a local simulator cannot run, with the numbers and the way out.

Runs in the kernel, so it imports no simulator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from qjob.backends.aer.memory import BASE, for_people, largest_fit, memory_of
from qjob.backends.aer.options import AerOptions, options_of
from qjob.backends.aer.plan import Plan, is_clifford, is_noisy, plan_of
from qjob.backends.base import Needs
from qjob.catalog.loader import load_catalogue
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, InvalidRequest, OutOfMemory
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile

STATEVECTOR_QUBITS = 20
"""The largest circuit whose state is returned: 16 MiB."""

ALWAYS_FITS = BASE + (24 << 20)
"""Runs this small are admitted without looking at the machine: the worker itself takes more."""

GPU_PACKAGES = ("qiskit-aer-gpu", "qiskit-aer-gpu-cu11")


@dataclass(frozen=True, slots=True)
class Admission:
    """What one backend refuses.

    Parameters
    ----------
    info
        The backend.
    free_memory
        Returns the bytes that are free.
    cores
        How many processors there are.
    """

    info: BackendInfo
    free_memory: Callable[[], int]
    cores: int

    def check(self, request: JobRequest, profile: CircuitProfile) -> Needs:
        """Raise the first reason why the request cannot run here; see `qjob.backends.base.Backend.check`.

        Raises
        ------
        InvalidRequest
            Shots out of range, or T2 above 2 T1.
        BackendRefused
            Too many qubits, no GPU, or a state vector that cannot be returned.
        OutOfMemory
            The state does not fit into the free memory.
        """
        self._check_shots(request.shots)
        options = options_of(self.info, request.options)
        plan = plan_of(self.info.target, profile, request.shots, options)
        self._check_width(profile, request.shots)
        if options.statevector:
            self._check_statevector(profile)
        if options.device == "GPU":
            self._check_gpu()
        need = memory_of(plan, profile.measured_qubits, request.shots, self.cores)
        self._check_memory(need, plan, profile, request.shots)
        return Needs(need, plan.seconds)

    def _check_shots(self, shots: int) -> None:
        low, high = self.info.min_shots, self.info.max_shots
        if not low <= shots <= high:
            raise InvalidRequest(
                f"{self.info.slug} takes {low:,} to {high:,} shots, not {shots:,}.",
                remedy=f"Try --shots {min(max(shots, low), high)}.",
                numbers={"shots": shots, "min_shots": low, "max_shots": high},
            )

    def _check_width(self, profile: CircuitProfile, shots: int) -> None:
        limit, width = self.info.max_qubits, profile.active_qubits
        if width > limit:
            raise BackendRefused(
                f"the circuit needs {width} qubits, {self.info.slug} takes at most {limit}.",
                remedy=self._other_backend(profile, shots) or f"Use at most {limit} qubits.",
                numbers={"qubits": width, "max_qubits": limit},
            )

    def _check_statevector(self, profile: CircuitProfile) -> None:
        if profile.num_qubits > STATEVECTOR_QUBITS:
            raise BackendRefused(
                f"the state of {profile.num_qubits} qubits has 2^{profile.num_qubits} amplitudes; "
                f"statevector=true returns those of at most {STATEVECTOR_QUBITS} qubits.",
                remedy="Leave the option statevector out to get counts.",
                numbers={"qubits": profile.num_qubits, "max_qubits": STATEVECTOR_QUBITS},
            )
        if not profile.terminal:
            raise BackendRefused(
                "there is no one final state: the circuit measures or resets a qubit before its end.",
                remedy="Leave the option statevector out to get counts, or measure only at the end.",
            )
        if is_noisy(profile, AerOptions()):
            raise BackendRefused(
                "there is no one final state: the circuit holds noise channels, which make it a mixture of many.",
                remedy="Leave the option statevector out to get counts.",
            )

    def _check_gpu(self) -> None:
        if not any(_installed(package) for package in GPU_PACKAGES):
            raise BackendRefused(
                f"device=gpu needs an Aer build for GPUs; none of {', '.join(GPU_PACKAGES)} is installed here.",
                remedy="Use device=cpu, or install qiskit-aer-gpu in place of qiskit-aer on a machine with an "
                "NVIDIA GPU.",
                numbers={"device": "gpu"},
            )

    def _check_memory(self, need: int | None, plan: Plan, profile: CircuitProfile, shots: int) -> None:
        if need is None or need <= ALWAYS_FITS:
            return
        free = self.free_memory()
        if need <= free:
            return
        fits = largest_fit(plan, profile.measured_qubits, shots, self.cores, free)
        raise OutOfMemory(
            f"{self.info.slug} needs {for_people(need)} for {plan.qubits} qubits; "
            f"this machine has {for_people(free)} free.",
            remedy=" ".join(
                part
                for part in (
                    f"A circuit of up to {fits} qubits fits." if fits else "",
                    self._other_backend(profile, shots),
                )
                if part
            ),
            numbers={"need": need, "free": free, "qubits": plan.qubits, "qubits_that_fit": fits},
        )

    def _other_backend(self, profile: CircuitProfile, shots: int) -> str:
        """Name the shipped simulators that would take the circuit; an empty text where there is none."""
        names = []
        for row in load_catalogue():
            if row.adapter != self.info.adapter or row.slug == self.info.slug:
                continue
            if row.max_qubits < profile.active_qubits:
                continue
            plan = plan_of(row.target, profile, shots, AerOptions())
            need = memory_of(plan, profile.measured_qubits, shots, self.cores)
            if need is None:
                names.append(f"{row.slug} (if the entanglement is low)")
            elif need <= self.free_memory():
                names.append(f"{row.slug} (a Clifford circuit)" if is_clifford(profile) else row.slug)
        return f"{' or '.join(names)} would take it." if names else ""


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
