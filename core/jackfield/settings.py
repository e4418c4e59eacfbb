"""Settings of one process, read once from the environment (JACKFIELD_*)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

Role = Literal["all", "web", "worker"]


_ROLES: Mapping[str, Role] = {"all": "all", "web": "web", "worker": "worker"}


class Settings(Struct, frozen=True, kw_only=True):
    """`database` and `bus` empty: SQLite in the data folder, and the bus inside the process."""

    data: Path = Path("data")
    database: str = ""  # "postgres://user:password@host/name"
    bus: str = ""  # "nats://host:4222"
    url: str = "http://127.0.0.1:8000"  # as the outside reaches us: links, cookies, Origin
    role: Role = "all"
    plugins: tuple[str, ...] | None = None  # only these; None: all that are found
    secret: str = ""  # base64 of 32 bytes; empty: data/secret.key, made at the first start
    upload_max: int = 100 * 1024 * 1024  # bytes
    lease: float = 15.0  # seconds that a channel stays with a process that has ended
    private_media: bool = False  # fetch media from private addresses too: for a local simulator

    @property
    def secure(self) -> bool:
        """Cookies are marked Secure wherever we are reached by https."""
        return self.url.startswith("https://")

    @property
    def sqlite_path(self) -> Path:
        return self.data / "jackfield.db"

    @property
    def channel_folders(self) -> Path:
        """What channels keep on this machine: keys of linked devices among it."""
        return (self.data / "channels").absolute()

    @property
    def media_folder(self) -> Path:
        return self.data / "media"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read JACKFIELD_DATA, _DATABASE, _BUS, _URL, _ROLE, _PLUGINS, _SECRET, _UPLOAD_MAX, _LEASE,
    _PRIVATE_MEDIA.

    Raises ValueError naming the variable that cannot be read.
    """

    def text(name: str, default: str = "") -> str:
        return environ.get(f"JACKFIELD_{name}", default).strip()

    role = _ROLES.get(text("ROLE", "all"))
    if role is None:
        raise ValueError(f"JACKFIELD_ROLE is {text('ROLE')!r}; it can be all, web or worker")
    upload_max = text("UPLOAD_MAX", str(100 * 1024 * 1024))
    if not upload_max.isdigit():
        raise ValueError(f"JACKFIELD_UPLOAD_MAX is {upload_max!r}; it is a number of bytes")
    lease = _seconds("LEASE", text("LEASE", "15"))
    plugins = text("PLUGINS")
    return Settings(
        data=Path(text("DATA", "data")),
        database=text("DATABASE"),
        bus=text("BUS"),
        url=text("URL", "http://127.0.0.1:8000").rstrip("/"),
        role=role,
        plugins=tuple(name.strip() for name in plugins.split(",") if name.strip()) or None,
        secret=text("SECRET"),
        upload_max=int(upload_max),
        lease=lease,
        private_media=text("PRIVATE_MEDIA") in ("1", "true", "yes"),
    )


def _seconds(name: str, said: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 300:
        raise ValueError(f"JACKFIELD_{name} is {said!r}; it is a number of seconds from 1 to 300")
    return seconds
