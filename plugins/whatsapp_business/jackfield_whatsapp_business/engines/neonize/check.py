"""Is the engine here, whole and young enough? Looked at without importing it.

A neonize whose binary is missing or of another version fetches one from the network when it is imported:
that must not happen, so the files are looked at first.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from jackfield_whatsapp_business.engines.base import About

VERSION = "0.5.2"
BUILT = date(2026, 9, 21)
"""The day the version was made. Servers refuse an engine some four to six months after that."""
NETWORK = "2.3000.1047769893"
WARN, ALARM = 90, 120  # days


class EngineMissing(Exception):
    """The text says what to install."""


def installed() -> About:
    """Raises EngineMissing."""
    try:
        found = distribution("neonize")
    except PackageNotFoundError:
        raise EngineMissing("it is not installed: pip install 'jackfield[whatsapp-business]'") from None
    if found.version != VERSION:
        raise EngineMissing(f"neonize {found.version} is installed, this version works with {VERSION}")
    binaries = [file for file in found.files or () if file.suffix in {".so", ".dylib", ".dll"}]
    if not any(Path(str(found.locate_file(file))).is_file() for file in binaries):
        raise EngineMissing("neonize is here without its library for this machine")
    return About("neonize", VERSION, NETWORK, BUILT.isoformat())


def age(today: date) -> int:
    """Days since the engine was made."""
    return (today - BUILT).days
