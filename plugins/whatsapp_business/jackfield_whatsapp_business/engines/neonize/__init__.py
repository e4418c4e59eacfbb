"""neonize: whatsmeow, a Go library, as a Python package. GPL-3.0 inside: an extra, in its own process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jackfield_whatsapp_business.engines.base import Engine


def engine(folder: Path, *, proxy: str = "") -> Engine:
    """The engine of one session. Raises EngineMissing: the extra is not installed, or of another version."""
    from .check import installed

    about = installed()  # before anything is imported: a wrong binary would be fetched from the network
    from .engine import Neonize

    return Neonize(about, folder, proxy=proxy)
