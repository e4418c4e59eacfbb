"""One demo, from the first socket to the last goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from jackfield import ids
from jackfield import plugins as plugin_host
from jackfield.app import Jackfield, interpreter, listen, running, serving
from jackfield.channel import DemoPart
from jackfield.settings import Settings
from jackfield.web.auth.sessions import make_link

from . import seed
from .stage import Stage

LINK_LIFE = 12 * 3_600_000  # ms: somebody may make coffee first


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for. `data` None: a folder that goes with the demo."""

    port: int | None
    data: Path | None
    as_json: bool
    browser: bool
    customers: bool


async def run(base: Settings, wish: Wish) -> None:
    """Serve until cancelled."""
    sock = _listen(wish.port)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with contextlib.ExitStack() as stack:
        stack.callback(sock.close)
        data = wish.data or Path(stack.enter_context(_temporary()))
        settings = msgspec.structs.replace(base, data=data, url=url, private_media=True)
        await _play(settings, sock, wish)


async def _play(settings: Settings, sock: socket.socket, wish: Wish) -> None:
    found = plugin_host.load(only=settings.plugins)
    async with running(settings, found) as jackfield:
        who = await seed.people(jackfield)
        old = await seed.known_channels(jackfield)
        stage = Stage(settings.url, dict(old), jackfield.host)
        async with plugin_host.demo_parts(found, stage) as parts:
            wanted = [channel for part in parts.values() for channel in part.channels]
            await seed.channels(jackfield, who, stage, wanted, old)
            link = settings.url + await make_link(who.owner, life=LINK_LIFE)
            said = await _description(jackfield, who, stage, parts, link)
            interpreter.settle()
            async with _customers(parts if wish.customers else {}):
                await serving(jackfield, sock, started=lambda: _tell(said, wish))


@asynccontextmanager
async def _customers(parts: Mapping[str, DemoPart]) -> AsyncGenerator[None]:
    """Customers write by themselves while the demo is served."""
    async with asyncio.TaskGroup() as tasks:
        living = [tasks.create_task(part.live()) for part in parts.values() if part.live is not None]
        try:
            yield
        finally:
            for task in living:
                task.cancel()


async def _description(
    jackfield: Jackfield, who: seed.People, stage: Stage, parts: Mapping[str, DemoPart], link: str
) -> dict[str, Any]:
    """What `--json` prints, and everything the words for a person are made of."""
    workspaces = await jackfield.store.fetch("SELECT id, name FROM workspace ORDER BY id")
    channels: list[dict[str, str]] = []
    for part in parts.values():
        for channel in part.channels:
            number = stage.channel(channel.external_id)
            line = jackfield.lines.get(number)
            if line is None:
                continue
            channels.append(
                {
                    **channel.public,
                    "id": ids.show("ch", number),
                    "kind": channel.kind,
                    "name": channel.name,
                    "workspace": ids.show("w", line.workspace),
                    "webhook": stage.webhook(channel.external_id),
                }
            )
    return {
        "url": stage.url,
        "signin": link,
        "login": {"email": who.email, "password": who.password},
        "token": who.token,
        "workspaces": [{"id": ids.show("w", number), "name": name} for number, name in workspaces],
        "channels": channels,
        "pages": {name: page for part in parts.values() for name, page in part.pages.items()},
        "remarks": [part.remark for part in parts.values() if part.remark],
        "data": str(jackfield.settings.data),
    }


def _tell(said: dict[str, Any], wish: Wish) -> None:
    if wish.as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        click.echo(f"""
  Jackfield is alive at {said["url"]}

  Sign in       {said["signin"]}   (works once)
                {said["login"]["email"]} · {said["login"]["password"]}""")
        for name, page in said["pages"].items():
            click.echo(f"  {'The customer' if name == 'phone' else name:<13} {page}")
        click.echo(f"  API           {said['url']}/api/v1 · Authorization: Bearer {said['token']}")
        for remark in said["remarks"]:
            click.echo(f"\n  {remark}")
        click.echo("\n  Ctrl+C ends it.\n")
    sys.stdout.flush()
    if wish.browser:
        webbrowser.open(said["signin"])


def _listen(port: int | None) -> socket.socket:
    """The port that was asked for; with none asked for, 8000 or else any that is free."""
    if port is not None:
        return listen("127.0.0.1", port)
    try:
        return listen("127.0.0.1", 8000)
    except OSError:
        return listen("127.0.0.1", 0)


@contextlib.contextmanager
def _temporary() -> Any:
    folder = tempfile.mkdtemp(prefix="jackfield-demo-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
