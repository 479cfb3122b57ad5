"""qBraid's own client, unmodified, pointed at the server of these tests."""

import time

import pytest

PREFIX = "qjob/qbraid/api/v1/"
SIM = "marqov:marqov:sim:marqov-sim"


class Wire:
    """The dialect over plain HTTP, as a person with a key."""

    def __init__(self, server, person):
        self.server, self.person = server, person

    def ask(self, method, path, body=None, **more):
        return self.server.ask(method, PREFIX + path, body, **{"key": self.person, **more})

    def get(self, path):
        """The body of what is there."""
        reply = self.ask("GET", path)
        assert reply.status == 200, reply.body
        return reply.json

    def submit(self, text, *, device=SIM, shots=100, **more):
        """The job's fields, once it is stored."""
        program = text if isinstance(text, list) else {"format": "qasm2", "data": text}
        body = {"deviceQrn": device, "shots": shots, "program": program, **more}
        reply = self.ask("POST", "jobs", body)
        assert reply.status == 201, reply.body
        return reply.json["data"]

    def ended(self, qrn):
        """The job's fields, once it has ended."""
        end = time.monotonic() + 60
        while (job := self.get(f"jobs/{qrn}")["data"])["status"] not in ("COMPLETED", "FAILED", "CANCELLED"):
            assert time.monotonic() < end, job
            time.sleep(0.05)  # another process: there is no event to wait for
        return job


@pytest.fixture
def wire(server, ada):
    return Wire(server, ada)


@pytest.fixture(scope="session")
def sign_in(server, tmp_path_factory):
    """Makes a client of a key's text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QBRAID_CONFIG_FILE", str(tmp_path_factory.mktemp("qbraid") / "none"))
        for name in ("QBRAID_API_KEY", "QBRAID_ACCESS_TOKEN", "QBRAID_API_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("DISABLE_CACHE", "1")
        from qbraid_core.services.runtime import QuantumRuntimeClient
        from qbraid_core.sessions import QbraidSessionV1

        url = server.url + PREFIX.rstrip("/")
        yield lambda key: QuantumRuntimeClient(session=QbraidSessionV1(api_key=key, base_url=url))


@pytest.fixture
def client(sign_in, ada):
    """qBraid's client with a key of a user of this test's own."""
    return sign_in(ada.text)


@pytest.fixture
def provider(client):
    from qbraid.runtime import QbraidProvider

    return QbraidProvider(client=client)
