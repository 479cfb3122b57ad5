"""Every device by the unmodified SDK: its properties, its tasks and results, its emulator."""

import tomllib
from importlib.resources import files

import boto3
import pytest
from botocore.exceptions import ClientError
from braket.aws import AwsDevice, AwsSession
from braket.circuits import Circuit, Observable
from braket.ir.openqasm import Program

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
DM1 = "arn:aws:braket:::device/quantum-simulator/amazon/dm1"
TN1 = "arn:aws:braket:::device/quantum-simulator/amazon/tn1"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
ENTERPRISE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-Enterprise-1"
ARIA = "arn:aws:braket:us-east-1::device/qpu/ionq/Aria-1"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
EMERALD = "arn:aws:braket:eu-north-1::device/qpu/iqm/Emerald"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
ANKAA = "arn:aws:braket:us-west-1::device/qpu/rigetti/Ankaa-3"
IBEX = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"

RUNNING = (SV1, DM1, FORTE, ENTERPRISE, GARNET, EMERALD, CEPHEUS, IBEX)
QPUS = {FORTE: 36, ENTERPRISE: 36, GARNET: 20, EMERALD: 54, CEPHEUS: 108, IBEX: 12}
RETIRED = (TN1, ARIA, ANKAA)
ASYMMETRIC = Circuit().x(0).h(1).cnot(1, 2)


def name(arn):
    return arn.rsplit("/", 1)[1]


def test_the_devices_are_those_of_the_catalogue(loopback):
    rows = tomllib.loads(files("qjob.catalog").joinpath("backends.toml").read_text())["backend"]

    assert set(loopback.devices()) == {row["target"] for row in rows if row["adapter"] == "braket"}


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("arn", RUNNING, ids=name)
def test_a_task_runs_on_every_device(arn):
    result = AwsDevice(arn).run(ASYMMETRIC, shots=200).result()

    assert set(result.measurement_counts) == {"100", "111"}
    assert sum(result.measurement_counts.values()) == 200
    assert result.measured_qubits == [0, 1, 2]
    assert result.task_metadata.deviceId == arn


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("arn", RUNNING, ids=name)
def test_the_result_is_that_of_the_devices_kind(arn):
    result = AwsDevice(arn).run(ASYMMETRIC, shots=200).result()

    more = result.additional_metadata
    told = {kind for kind in ("simulator", "ionq", "iqm", "rigetti") if getattr(more, f"{kind}Metadata")}
    vendor = arn.split("/")[-2]
    assert told == {"amazon": {"simulator"}, "aqt": set()}.get(vendor, {vendor})
    assert result.measurements_copied_from_device is (vendor != "ionq")
    assert result.measurement_probabilities_copied_from_device is (vendor == "ionq")
    if vendor in ("iqm", "rigetti"):
        assert "cnot q[1], q[2];" in getattr(more, f"{vendor}Metadata").compiledProgram


@pytest.mark.usefixtures("loopback")
def test_measured_qubits_come_in_the_programs_order():
    program = Program(
        source="OPENQASM 3.0;\nbit[2] b;\nqubit[3] q;\nx q[2];\nb[0] = measure q[2];\nb[1] = measure q[0];\n"
    )

    result = AwsDevice(GARNET).run(program, shots=10).result()

    assert dict(result.measurement_counts) == {"10": 10}
    assert result.measured_qubits == [2, 0]


def test_simulators_tell_how_long_they_ran(loopback):
    loopback.duration(61_234)

    result = AwsDevice(SV1).run(ASYMMETRIC, shots=10).result()

    assert result.additional_metadata.simulatorMetadata.executionDuration == 61_234


@pytest.mark.usefixtures("loopback")
def test_noise_is_run_by_dm1():
    result = AwsDevice(DM1).run(Circuit().x(0).bit_flip(0, 0.5).x(1), shots=1000).result()

    assert set(result.measurement_counts) == {"01", "11"}
    assert 350 < result.measurement_counts["01"] < 650


@pytest.mark.usefixtures("loopback")
def test_dm1_gives_exact_results_of_noise():
    result = AwsDevice(DM1).run(Circuit().x(0).bit_flip(0, 0.25).density_matrix(), shots=0).result()

    real = [
        [entry[0] for entry in row] for row in result.values[0]
    ]  # the SDK leaves these complex numbers as pairs
    assert real == [[pytest.approx(0.25), 0], [0, pytest.approx(0.75)]]


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("arn", [SV1, FORTE, GARNET], ids=name)
def test_an_expectation_comes_from_shots(arn):
    result = AwsDevice(arn).run(Circuit().x(0).expectation(Observable.Z(), target=0), shots=100).result()

    assert result.values == [-1.0]


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("arn", [SV1, FORTE], ids=name)
def test_all_result_types_of_shots(arn):
    circuit = (
        Circuit().x(0).h(1).sample(Observable.X(), target=1).variance(Observable.X(), target=1).probability(0)
    )

    sample, variance, probability = AwsDevice(arn).run(circuit, shots=100).result().values

    assert list(sample) == [1] * 100
    assert variance == 0
    assert list(probability) == [0, 1]


def test_a_program_too_wide_to_be_run_here_fails(loopback):
    task = AwsDevice(SV1).run(Program(source="OPENQASM 3.0;\nqubit[21] q;\nh q;\n"), shots=10)

    assert task.result() is None
    assert loopback.tasks()[0].reason == "The loopback runs at most 20 qubits here, this program has 21"
    assert task.metadata()["failureReason"] == loopback.tasks()[0].reason


@pytest.mark.usefixtures("loopback")
def test_exact_amplitudes_and_expectations():
    circuit = Circuit().h(0).amplitude(["0", "1"]).expectation(Observable.X(), target=0)

    result = AwsDevice(SV1).run(circuit, shots=0).result()

    assert result.values[0]["1"] == pytest.approx(0.5**0.5)
    assert result.values[1] == pytest.approx(1.0)


@pytest.mark.usefixtures("loopback")
def test_a_verbatim_box_runs_on_physical_qubits():
    circuit = Circuit().add_verbatim_box(Circuit().prx(1, 3.141592653589793, 0).cz(1, 2))

    result = AwsDevice(GARNET).run(circuit, shots=20, disable_qubit_rewiring=True).result()

    assert dict(result.measurement_counts) == {"10": 20}
    assert result.measured_qubits == [1, 2]


@pytest.mark.usefixtures("loopback")
def test_a_barrier_runs_where_the_device_takes_it():
    program = Program(source="OPENQASM 3.0;\nbit[1] b;\nqubit[1] q;\nx q[0];\nbarrier q;\nb = measure q;\n")

    assert dict(AwsDevice(GARNET).run(program, shots=20).result().measurement_counts) == {"1": 20}


@pytest.mark.usefixtures("loopback")
def test_inputs_are_put_in():
    source = "OPENQASM 3.0;\ninput float theta;\nbit[1] b;\nqubit[1] q;\nrx(theta) q[0];\nb = measure q;\n"

    result = (
        AwsDevice(SV1).run(Program(source=source, inputs={"theta": 3.141592653589793}), shots=20).result()
    )

    assert dict(result.measurement_counts) == {"1": 20}


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("arn", "qubits"), QPUS.items(), ids=map(name, QPUS))
def test_a_qpu_tells_its_topology(arn, qubits):
    device = AwsDevice(arn)

    assert device.properties.paradigm.qubitCount == device.topology_graph.number_of_nodes() == qubits
    assert device.properties.service.shotsRange[1] >= 2000
    assert device.properties.service.updatedAt.isoformat() == "2026-11-20T06:30:00+00:00"
    assert device.properties.service.executionWindows


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("arn", "native"),
    [
        pytest.param(FORTE, Circuit().gpi2(0, 0.1).zz(0, 1, 0.5), id="Forte-1"),
        pytest.param(GARNET, Circuit().prx(1, 0.1, 0).cz(1, 2), id="Garnet"),
        pytest.param(EMERALD, Circuit().prx(1, 0.1, 0).cz(1, 2), id="Emerald"),
        pytest.param(CEPHEUS, Circuit().rx(0, 0.1).cz(0, 1), id="Cepheus-1-108Q"),
        pytest.param(IBEX, Circuit().prx(0, 0.1, 0).xx(0, 1, 0.5), id="Ibex-Q1"),
    ],
)
def test_the_sdks_emulator_runs(arn, native):
    emulator = AwsDevice(arn).emulator()

    result = emulator.run(Circuit().add_verbatim_box(native), shots=50).result()

    assert sum(result.measurement_counts.values()) == 50


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("arn", RETIRED, ids=name)
def test_a_retired_device_is_told_and_takes_nothing(arn):
    device = AwsDevice(arn)

    assert device.status == "RETIRED"
    with pytest.raises(ClientError, match="DeviceRetiredException") as caught:
        device.run(ASYMMETRIC, shots=100)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_a_device_goes_offline_and_comes_back(loopback):
    device = AwsDevice(GARNET)
    loopback.set_status("Garnet", "OFFLINE")

    device.refresh_metadata()
    assert (device.status, device.is_available) == ("OFFLINE", False)
    with pytest.raises(ClientError, match="DeviceOfflineException") as caught:
        device.run(ASYMMETRIC, shots=100)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    loopback.set_status("Garnet", "ONLINE")
    assert device.run(ASYMMETRIC, shots=100).result() is not None
    loopback.retire("Garnet")
    device.refresh_metadata()
    assert device.status == "RETIRED"


def test_a_device_tells_something_else(loopback):
    loopback.change("Garnet", "service.updatedAt", "2020-01-02T03:04:05+00:00")

    assert AwsDevice(GARNET).properties.service.updatedAt.year == 2020
    loopback.reset()
    assert AwsDevice(GARNET).properties.service.updatedAt.year == 2026


@pytest.mark.usefixtures("loopback")
def test_a_device_is_only_where_it_is():
    elsewhere = AwsSession(boto3.Session(region_name="eu-north-1"))

    with pytest.raises(ValueError, match="not found in 'eu-north-1'"):
        AwsDevice(SV1, elsewhere)
    with pytest.raises(ValueError, match="not found"):
        AwsDevice(GARNET.replace("eu-north-1", "us-east-1"))
    assert AwsDevice(GARNET).aws_session.region == "eu-north-1"


@pytest.mark.usefixtures("loopback")
def test_all_devices_are_found_in_all_regions():
    online = AwsDevice.get_devices()
    all_of_them = AwsDevice.get_devices(statuses=["ONLINE", "RETIRED"])

    assert {device.arn for device in online} == set(RUNNING)
    assert {device.arn for device in all_of_them} == {*RUNNING, *RETIRED}
    assert [device.arn for device in AwsDevice.get_devices(arns=[FORTE, GARNET], provider_names=["IQM"])] == [
        GARNET
    ]
