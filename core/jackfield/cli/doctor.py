"""`jackfield doctor`: is this install sound? Each line says what was looked at and what was found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from jackfield import plugins as plugin_host
from jackfield.bus import open_bus
from jackfield.channel import Checked, Vital
from jackfield.settings import Settings
from jackfield.store.box import open_box
from jackfield.store.rows import ChannelRow
from jackfield.store.store import open_store

from .serve import run_until_done, settings_or_exit

LOW_DISK = 1 << 30  # bytes


@click.command()
def doctor() -> None:
    """Look at data folder, key, database, bus, plugins and page; exit 1 if something is wrong."""
    settings = settings_or_exit()
    wrong: list[str] = []

    async def main() -> None:
        for name, look in _LOOKS.items():
            try:
                click.echo(f"ok     {name}: {await look(settings)}")
            except Exception as error:  # whatever it is, it is the finding
                wrong.append(name)
                click.echo(f"WRONG  {name}: {type(error).__name__}: {error}")

    run_until_done(main())
    if wrong:
        raise SystemExit(1)


async def _folder(settings: Settings) -> str:
    settings.data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data).free
    if not os.access(settings.data, os.W_OK):
        raise PermissionError(f"{settings.data} cannot be written")
    if free < LOW_DISK:
        raise OSError(f"only {free >> 20} MiB free on {settings.data}")
    return f"{settings.data}, {free >> 30} GiB free"


async def _key(settings: Settings) -> str:
    box = await open_box(settings)
    if box.open(box.seal("x", about="doctor"), about="doctor") != "x":
        raise ValueError("what is sealed does not open again")
    return "secrets can be sealed and opened"


async def _database(settings: Settings) -> str:
    async with open_store(settings) as store:
        channels = await store.rows(ChannelRow, "WHERE removed_at IS NULL")
        lost = [row.name for row in channels if row.enabled and row.state not in ("connected", "connecting")]
        if lost:
            raise RuntimeError(f"not connected: {', '.join(lost)}")
        return f"{store.engine}, {len(channels)} channels"


async def _bus(settings: Settings) -> str:
    async with open_bus(settings.bus) as bus:
        await bus.publish("doctor", b"{}")
        return settings.bus or "in this process"


async def _plugins(settings: Settings) -> str:
    found = plugin_host.load(only=settings.plugins)
    if found.refused:
        raise RuntimeError("; ".join(f"{name}: {why}" for name, why in found.refused.items()))
    return ", ".join(sorted(found.kinds)) or "no channel kinds"


async def _engines(settings: Settings) -> str:
    """What kinds need of this machine."""
    found = plugin_host.load(only=settings.plugins)
    vitals = [
        (kind.name, vital)
        for kind in found.kinds.values()
        if isinstance(kind, Checked)
        for vital in kind.check()
    ]
    said = "; ".join(f"{kind}: {_told(vital)}" for kind, vital in vitals)
    if any(vital.level == "bad" for _, vital in vitals):
        raise RuntimeError(said)
    return said or "no kind needs one"


def _told(vital: Vital) -> str:
    watch = "" if vital.level == "good" else f" ({vital.level})"
    return f"{vital.name} {vital.value} {vital.unit}".rstrip() + watch


async def _page(settings: Settings) -> str:
    found = plugin_host.load(only=settings.plugins)
    origin = found.origins.get("ui")
    if origin is None or "ui" in found.refused:
        raise RuntimeError("the page is not installed")
    module = __import__(origin.module)
    manifest = Path(str(module.__file__)).parent / "static" / "dist" / "manifest.json"
    if not manifest.exists():
        raise FileNotFoundError("the page is not built: pip install . builds it")
    return "built"


_LOOKS: dict[str, Callable[[Settings], Awaitable[str]]] = {
    "data folder": _folder,
    "key": _key,
    "database": _database,
    "bus": _bus,
    "plugins": _plugins,
    "engines": _engines,
    "page": _page,
}
