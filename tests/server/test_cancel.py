"""The cancel route as the live card uses it: a job of a notebook's process is ended through the Jupyter server."""

import pytest

from server_lab import LONG

pytestmark = pytest.mark.slow
ONE = "OPENQASM 3.0; qubit[1] q; h q[0];"


def test_a_running_job_of_another_process_is_cancelled(server):
    job = server.engine.submit(LONG, shots=100_000)
    reply = server.me("POST", f"qjob/api/jobs/{job.id}/cancel")
    assert (reply.status, reply.json["job_id"], reply.json["cancelled"]) == (200, job.id, True)
    assert job.wait(10).status == "CANCELLED"


def test_an_ended_job_is_left_as_it_is(server):
    job = server.engine.submit(ONE, shots=5).wait(20)
    reply = server.me("POST", f"qjob/api/jobs/{job.id}/cancel")
    assert (reply.status, reply.json["status"], reply.json["state"]) == (200, "completed", "COMPLETED")
    assert not reply.json["cancelled"]


def test_an_unknown_job_is_a_404_with_its_remedy(server):
    reply = server.me("POST", "qjob/api/jobs/00000000-0000-4000-8000-000000000000/cancel")
    assert (reply.status, reply.json["code"]) == (404, "no_such_job")
    assert reply.json["remedy"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_stranger_is_turned_away(server, token):
    job = server.engine.submit(ONE, shots=5).wait(20)
    reply = server.ask("POST", f"qjob/api/jobs/{job.id}/cancel", token=token)
    assert (reply.status, reply.json["code"]) == (401, "not_signed_in")
    assert "qjob key create" in reply.json["remedy"]


def test_there_is_nothing_to_get(server):
    reply = server.me("GET", "qjob/api/jobs/x/cancel")
    assert (reply.status, reply.headers["Allow"]) == (405, "OPTIONS, POST")


class Browser:
    """Cookies as a browser keeps them, from the page that Jupyter's token opens."""

    def __init__(self, server):
        import http.cookiejar
        import urllib.request

        self.server, self.jar = server, http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        opener.open(f"{server.url}login?token={server.token}", timeout=30).close()

    def ask(self, method, path, **headers):
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.jar)
        return self.server.ask(method, path, headers={"Cookie": cookies, **headers})

    @property
    def xsrf(self):
        return next(one.value for one in self.jar if one.name == "_xsrf")


def test_a_cookie_changes_something_only_with_its_proof_that_the_page_is_ours(server):
    job = server.engine.submit(LONG, shots=100_000)
    browser, path = Browser(server), f"qjob/api/jobs/{job.id}"
    assert browser.ask("GET", path).json["job_id"] == job.id
    foreign = browser.ask("POST", f"{path}/cancel")
    assert (foreign.status, "XSRF" in foreign.json["error"].upper()) == (403, True)
    assert browser.ask("POST", f"{path}/cancel", **{"X-XSRFToken": "of another page"}).status == 403
    assert not job.status.ended
    assert browser.ask("POST", f"{path}/cancel", **{"X-XSRFToken": browser.xsrf}).json["cancelled"]
    assert job.wait(10).status == "CANCELLED"


def test_a_key_beside_a_cookie_is_who_asks(server, ada):
    job = server.engine.submit(ONE, shots=5).wait(20)  # of the server's own user, whose cookie it is
    browser = Browser(server)
    assert browser.ask("GET", f"qjob/api/jobs/{job.id}").status == 200
    assert browser.ask("GET", f"qjob/api/jobs/{job.id}", **{"X-API-Key": ada.text}).status == 404
    wrong = browser.ask("GET", f"qjob/api/jobs/{job.id}", **{"X-API-Key": f"{ada.text[:-1]}!"})
    assert (wrong.status, wrong.json["code"]) == (401, "not_signed_in")
