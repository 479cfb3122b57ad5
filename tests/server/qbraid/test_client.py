"""qBraid's own Python client against a real Jupyter server: what its user does, and what comes of it."""

import pytest

from server_lab import BELL, LONG, SKEW

pytestmark = pytest.mark.slow

SIM, TOLL, NOISY = "marqov:marqov:sim:marqov-sim", "marqov:test:sim:toll", "marqov:qb:sim:noisy-aer"
TEXT = 'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; x q[0]; c = measure q;'
ONLY_FIRST = {"001": 50}
"""Bit 0 is one, and it comes last."""


def ended(job):
    job.wait_for_final_state(timeout=60, poll_interval=0.1)
    return job


def qiskit_circuit():
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure(range(3), range(3))
    return circuit


def braket_circuit():
    from braket.circuits import Circuit

    return Circuit().x(0).i(1).i(2)


def braket_circuit_that_measures():
    return braket_circuit().measure([0, 1, 2])


def text():
    return TEXT


# -- who, what, how much --------------------------------------------------------------------------------------


def test_the_key_is_known(client, ada):
    who = client.session.get_user_auth_metadata()
    assert (who["userName"], who["userPermissions"]) == (ada.user, ["read", "submit"])
    assert client._user_metadata["organizationUserId"][-4:] == ada.key.team[-4:]
    assert client.session.is_admin() is False


def test_a_wrong_key_is_refused(sign_in):
    from qbraid_core.exceptions import AuthError

    with pytest.raises(AuthError, match="missing or expired"):
        sign_in("qjob_000000000000_" + "A" * 43)


def test_credits_are_what_the_team_may_spend(client, ada):
    ada.engine.budget(day="12.34")
    assert client.user_credits_value() == 1234.0


def test_devices_are_the_catalogue(client, provider, ada):
    devices = {device.qrn: device for device in client.list_devices()}
    rows = {info.qrn: info for info in ada.engine.catalogue}
    assert set(devices) == {qrn for qrn, info in rows.items() if not info.retired}
    assert {device.qrn for device in client.list_devices(include_retired=True)} == set(rows)
    assert {device.qrn for device in client.list_platform_devices(include_retired=True)} == set(rows)
    assert len(provider.get_devices()) == len(devices)
    toll = devices[TOLL]
    assert (toll.status.value, toll.pricing.perTask, toll.pricing.perShot) == ("ONLINE", 30, 1)
    assert {found.id for found in client.list_providers()} == {qrn.split(":")[1] for qrn in rows}


def test_a_device_has_what_a_run_needs(provider):
    device = provider.get_device(NOISY)
    assert (device.status().value, device.queue_depth(), device.num_qubits) == ("ONLINE", 0, 30)
    assert set(device.profile.noise_models) == {"ideal", "superconducting", "trapped-ion", "nv-center"}
    assert device.get_calibrations() is None


def test_an_unknown_device_is_none(provider):
    from qbraid.runtime.exceptions import ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError) as found:
        provider.get_device("marqov:marqov:sim:marqov-simm")
    assert "did you mean 'marqov:marqov:sim:marqov-sim'" in str(found.value.__cause__)


@pytest.mark.parametrize(
    ("device", "shots", "cost"),
    [(SIM, None, 0), (TOLL, 10, 40), (TOLL, None, 1030), ("aws:aws:sim:sv1", 10, None)],
)
def test_an_estimate_is_a_price_or_a_reason(client, device, shots, cost):
    found = client.estimate_cost(device, shots)
    assert (found.estimatedCost, found.pricingAvailable, found.reason is None) == (
        cost,
        cost is not None,
        cost is not None,
    )


# -- running --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [qiskit_circuit, braket_circuit, braket_circuit_that_measures, text],
    ids=lambda make: make.__name__,
)
def test_a_circuit_runs_and_its_first_bit_comes_last(provider, make):
    job = provider.get_device(SIM).run(make(), shots=50, name="asymmetric", tags={"n": 1, "yes": True})
    result = ended(job).result()
    assert result.data.get_counts() == ONLY_FIRST
    assert (result.success, result.details["cost"], job.status().value) == (True, 0, "COMPLETED")
    assert result.details["time_stamps"].executionDuration >= 0
    assert job.metadata()["tags"] == {"n": "1", "yes": "true"}
    assert job.program().format in ("qasm3", "qasm2")
    assert (job.compiled_program(), job.queue_position()) == (None, None)


def test_what_was_paid_is_told_in_credits(client, provider, ada):
    job = ended(provider.get_device(TOLL).run(TEXT, shots=50))
    model = client.get_job(job.id)
    assert (model.estimatedCost, model.cost, job.result().details["cost"]) == (80, 80, 80)
    assert client.user_credits_value() == 10_000 - 80
    assert ada.engine.audit().ok


def test_noise_is_an_option_of_the_device(client, provider):
    job = provider.get_device(NOISY).run(
        TEXT, shots=2000, runtime_options={"noise_model": "nv-center", "seed": 7}
    )
    counts = ended(job).result().data.get_counts()
    assert len(counts) > 1
    assert max(counts, key=counts.get) == "001"
    found = client.get_job(job.id)
    assert (found.runtimeOptions, found.metadata["seed"]) == ({"preset": "nv-center"}, 7)


def test_a_running_job_is_cancelled(provider):
    job = provider.get_device(SIM).run(LONG, shots=100_000)
    job.cancel()
    result = ended(job).result()
    assert (job.status().value, result.success, result.details["cost"]) == ("CANCELLED", False, 0)


def test_an_ended_job_is_not_cancelled(client, provider):
    from qbraid.runtime.exceptions import JobStateError
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    job = ended(provider.get_device(SIM).run(TEXT, shots=5))
    with pytest.raises(JobStateError):
        job.cancel()
    with pytest.raises(QuantumRuntimeServiceRequestError, match="COMPLETED already") as found:
        client.cancel_job(job.id)
    assert found.value.status_code == 409


def test_several_circuits_are_one_job(client, provider):
    device = provider.get_device(SIM)
    other = TEXT.replace("x q[0]", "x q[1]")
    batch = ended(device.run([TEXT, other], shots=50, as_batch=True, name="both"))
    found = client.get_job(batch.id)
    assert (found.numCircuits, found.name, found.status.value) == (2, "both", "COMPLETED")
    result = batch.result()
    assert result.success
    assert [one.data.get_counts() for one in result.results] == [ONLY_FIRST, {"010": 50}]
    assert [
        gate in program.data for program, gate in zip(batch.program(), ("x q[0]", "x q[1]"), strict=True)
    ] == [True] * 2
    listed = client.list_jobs(search="both")
    assert {job.name for job in listed} == {"both[0]", "both[1]"}


def test_a_list_is_jobs_of_their_own(client, provider):
    first, second = provider.get_device(SIM).run([TEXT, TEXT], shots=50)
    assert first.id != second.id
    assert {job.jobQrn for job in client.list_jobs()} == {first.id, second.id}


def test_a_batch_that_fails_in_part_is_failed_and_keeps_what_came_out(client, provider, ada):
    batch = provider.get_device(SIM).run([TEXT, LONG], shots=100_000, as_batch=True)
    first, second = ada.engine.batch(client.get_job(batch.id).metadata["batchId"])
    first.wait(60)
    second.cancel()
    ended(batch)
    assert (batch.status().value, batch.result().success) == ("CANCELLED", False)
    kept = client.get_job_result(batch.id)
    assert [one.status.value for one in kept.results] == ["COMPLETED", "CANCELLED"]
    assert kept.results[0].resultData["measurementCounts"] == {"001": 100_000}


# -- groups ---------------------------------------------------------------------------------------------------


def test_a_group_gathers_jobs(client, provider):
    from qbraid.runtime import GroupJobSession

    device = provider.get_device(SIM)
    with GroupJobSession(name="sweep", tags={"n": 1}, metadata={"why": "test"}, client=client) as group:
        jobs = [device.run(TEXT, shots=50) for _ in range(2)]
    for job in jobs:
        ended(job)
    assert {job.jobQrn for job in client.get_group_jobs(group.group_id)} == {job.id for job in jobs}
    found = client.get_group(group.group_id)
    assert (found.status.value, found.jobCount, found.completedCount) == ("COMPLETED", 2, 2)
    assert (found.name, found.tags, found.metadata, found.maxTTL) == (
        "sweep",
        {"n": 1},
        {"why": "test"},
        3600,
    )
    assert [one.groupJobQrn for one in client.list_groups(status="COMPLETED")] == [group.group_id]
    client.delete_group(group.group_id)
    client.delete_group(group.group_id)
    assert client.list_groups() == []
    assert len(client.list_jobs()) == 2


def test_a_group_is_cancelled_with_its_jobs(client, provider):
    from qbraid.runtime import GroupJobSession
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    group = GroupJobSession(client=client).open()
    job = provider.get_device(SIM).run(LONG, shots=100_000)
    client.cancel_group(group.group_id)
    assert ended(job).status().value == "CANCELLED"
    assert client.get_group(group.group_id).status.value == "CANCELLED"
    with pytest.raises(QuantumRuntimeServiceRequestError, match="takes no more jobs"):
        provider.get_device(SIM).run(TEXT, shots=5)
    group.close()


# -- lists ----------------------------------------------------------------------------------------------------


def test_lists_are_filtered_and_paged(client, provider):
    sim, toll = provider.get_device(SIM), provider.get_device(TOLL)
    jobs = [ended(sim.run(TEXT, shots=5, name=f"run {i}", tags={"i": i, "kind": "sweep"})) for i in range(3)]
    paid = ended(toll.run(TEXT, shots=5, tags={"kind": "paid"}))
    ids = [paid.id, *(job.id for job in reversed(jobs))]

    def listed(**asked):
        return [job.jobQrn for job in client.list_jobs(**asked)]

    assert listed() == ids
    assert listed(provider="test") == listed(tags={"kind": "paid"}) == [paid.id]
    assert listed(vendor="marqov", provider="marqov") == listed(tags={"kind": "sweep"}) == ids[1:]
    assert listed(tags={"kind": "sweep", "i": 1}) == listed(search="run 1") == [jobs[1].id]
    assert listed(search=jobs[2].id) == [jobs[2].id]
    assert listed(status="COMPLETED", status_group="pending") == listed(status_group="returned") == ids
    assert listed(status_group="pending") == listed(status="HOLD") == listed(vendor="ionq") == []
    page = client.list_platform_jobs_paginated(page=2, limit=3)
    assert [job.jobQrn for job in page.data] == ids[3:]
    told = page.pagination
    assert (told.total, told.totalPages, told.hasNext, told.hasPrev) == (4, 2, False, True)
    assert len(client.list_platform_jobs()) == 4
    assert "marqov" in client.get_job_statuses()["vendors"]


# -- refusals -------------------------------------------------------------------------------------------------


def refused(client, provider, *run, **more):
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    with pytest.raises(QuantumRuntimeServiceRequestError) as found:
        provider.get_device(TOLL).run(*run, **more)
    assert client.list_jobs() == []
    return found.value.status_code, str(found.value), found.value.__cause__


def test_what_the_budget_does_not_allow_is_refused_with_the_way_out(client, provider):
    status, said, cause = refused(client, provider, TEXT, shots=50_000)
    assert status == 402
    assert "this job can cost $500.30" in said
    assert "have an owner of the team raise the limit" in said
    assert cause.code == "INSUFFICIENT_CREDITS"
    assert (cause.details["needed"], cause.details["balance"]) == (50_030, 10_000)


def test_too_many_submissions_say_when_the_next_one_fits(client, provider, ada):
    ada.engine.limits(user_per_minute=1, local=True)
    ended(provider.get_device(SIM).run(TEXT, shots=5))
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    with pytest.raises(QuantumRuntimeServiceRequestError) as found:
        provider.get_device(SIM).run(TEXT, shots=5)
    assert found.value.status_code == 429
    assert 0 < found.value.__cause__.details["retryAfter"] <= 60
    assert len(client.list_jobs()) == 1


def test_a_program_that_cannot_run_is_refused_with_its_reason(client, provider):
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; h q;'
    status, said, cause = refused(client, provider, text, shots=5)
    assert (status, cause.code) == (400, "PROGRAM_REFUSED")
    assert "measure_all" in said


def test_a_deleted_job_has_no_result_and_leaves_the_list(client, provider):
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    jobs = [ended(provider.get_device(SIM).run(SKEW if i else BELL, shots=5)) for i in range(3)]
    client.delete_job(jobs[0].id)
    client.delete_jobs([job.id for job in jobs[1:]])
    assert client.list_jobs() == []
    for ask in (client.get_job_result, client.get_job_program):
        with pytest.raises(QuantumRuntimeServiceRequestError, match="erased") as found:
            ask(jobs[0].id)
        assert found.value.status_code == 409
    assert client.get_job(jobs[0].id).metadata["deletedAt"]


def test_a_running_job_is_not_deleted(client, provider):
    from qbraid_core.services.runtime import QuantumRuntimeServiceRequestError

    job = provider.get_device(SIM).run(LONG, shots=100_000)
    with pytest.raises(QuantumRuntimeServiceRequestError, match="Nothing was erased") as found:
        client.delete_job(job.id)
    assert found.value.status_code == 409
    client.cancel_job(job.id)
