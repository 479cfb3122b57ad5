"""An environment in which no AWS client of a test, or of a process of it, finds AWS or somebody's keys."""

import os
import socket
from collections.abc import MutableMapping
from pathlib import Path

FOREIGN = ("AWS_", "AMZN_BRAKET_", "BRAKET_", "BOTO_")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
SERVICES = ("", "_BRAKET", "_S3", "_STS")
OFFLINE = str(Path(__file__).parent / "offline")


def close(environment: MutableMapping[str, str]) -> socket.socket:
    """Take AWS out of an environment: made-up keys, no configuration, and every endpoint a port that is closed.

    Returns
    -------
    socket.socket
        It owns the port but does not listen, so connections are refused as long as it is kept.
    """
    for name in list(environment):
        if name.startswith(FOREIGN) or name.lower() in PROXIES:
            del environment[name]
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    environment |= {f"AWS_ENDPOINT_URL{service}": url for service in SERVICES} | {
        "BRAKET_PRICE_OFFERS_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODY0000",
        "AWS_SECRET_ACCESS_KEY": "nobody's",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "BOTO_CONFIG": os.devnull,
        "NO_PROXY": "*",
        "PYTHONPATH": os.pathsep.join([OFFLINE, *filter(None, [environment.get("PYTHONPATH")])]),
    }
    return closed
