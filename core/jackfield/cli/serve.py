"""`jackfield serve` and `jackfield migrate`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import click

from jackfield import plugins as plugin_host
from jackfield.app import interpreter, listen, running, serving
from jackfield.settings import Settings, from_environment
from jackfield.store.store import open_store


def settings_or_exit() -> Settings:
    """Settings of the environment; a variable that cannot be read ends the command with its name."""
    try:
        return from_environment()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def run_until_done(main: Coroutine[Any, Any, None]) -> None:
    """asyncio.run, on uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop

    uvloop.run(main)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="0: any that is free.")
def serve(host: str, port: int) -> None:
    """Serve this install until Ctrl+C."""
    settings = settings_or_exit()

    async def main() -> None:
        async with running(settings, plugin_host.load(only=settings.plugins)) as jackfield:
            sock = listen(host, port)
            interpreter.settle()
            click.echo(f"Jackfield is listening on http://{host}:{sock.getsockname()[1]}", err=True)
            await serving(jackfield, sock)

    with suppress(KeyboardInterrupt):
        run_until_done(main())


@click.command()
def migrate() -> None:
    """Bring the database to this version and say so. `serve` does it by itself."""
    settings = settings_or_exit()

    async def main() -> None:
        async with open_store(settings) as store:
            click.echo(f"the {store.engine} database is up to date")

    run_until_done(main())
