"""The process of the loopback: quick to start, nobody's child, gone with whoever started it."""

import os
import signal
import subprocess
import sys
import time

import boto3
import psutil
import pytest

from loopback.client import TESTS, Loopback

STARTER = """
import sys, time
from loopback.client import Loopback
with Loopback.start() as loopback:
    print(loopback.pid, flush=True)
    time.sleep(600)
"""
LIGHT = """
import sys
import loopback.fixtures, loopback.guard
print([name for name in ("boto3", "botocore", "braket", "moto", "numpy") if name in sys.modules])
"""


def gone_within(pid, seconds):
    end = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_it_is_no_child_of_the_tests(loopback):
    assert loopback.pid not in [child.pid for child in psutil.Process().children(recursive=True)]


def test_two_know_nothing_of_each_other(loopback):
    before = time.monotonic()
    with Loopback.start() as other:
        assert time.monotonic() - before < 10  # about 1.5 s on an idle machine
        other.hold("sv1")
        boto3.client("s3", endpoint_url=other.moto_url).create_bucket(Bucket="there")
        assert [seen.operation for seen in other.requests()] == ["s3:CreateBucket"]
        assert loopback.requests() == []
    assert gone_within(other.pid, 5)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_starter_however_that_dies(end):
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=TESTS, stdout=subprocess.PIPE, text=True
    ) as starter:
        pid = int(starter.stdout.readline())
        os.kill(starter.pid, end)
    assert gone_within(pid, 5)


def test_tests_that_do_not_ask_for_it_load_nothing_for_it():
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=TESTS, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
