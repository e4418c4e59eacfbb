"""What leads the bridges of a process to the mock, and to nobody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jackfield_whatsapp_business.line import COMMAND

from .server import MockWhatsApp

TESTS = Path(__file__).parents[1]


def environment(mock: MockWhatsApp) -> dict[str, str]:
    """With this in its environment a process starts bridges that believe the mock, and reach nobody else."""
    launch = f"{sys.executable} -m mock_whatsapp.launch {mock.root.public.hex()}"
    paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        COMMAND: f"{launch} jackfield_whatsapp_business.bridge",
        "PYTHONPATH": os.pathsep.join(paths),
        "SSL_CERT_FILE": str(mock.certificates.authority),
        "JACKFIELD_BRIDGE_PROXY": mock.proxy_url,
    }
