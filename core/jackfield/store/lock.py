"""Who works in a data folder with SQLite: many at once, or one who replaces the database under them.

The lock is the kernel's: it goes with the process that holds it, however that ends. PostgreSQL knows its
connections itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

from jackfield.errors import Conflict, Unavailable
from jackfield.settings import Settings

NAME = "jackfield.lock"


@contextmanager
def among_others(settings: Settings) -> Generator[None]:
    """While this process uses the database. Raises Unavailable while it is being replaced."""
    with _locked(settings, fcntl.LOCK_SH) as held:
        if not held:
            raise Unavailable("a backup is being restored here: try again when it is done")
        yield


@contextmanager
def alone(settings: Settings) -> Generator[None]:
    """While this process replaces the database. Raises Conflict if another one uses it."""
    with _locked(settings, fcntl.LOCK_EX) as held:
        if not held:
            raise Conflict(f"a process uses {settings.data}: stop it first")
        yield


@contextmanager
def _locked(settings: Settings, kind: int) -> Generator[bool]:
    settings.data.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.data / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
