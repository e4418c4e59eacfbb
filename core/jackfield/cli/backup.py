"""`jackfield backup` and `jackfield restore`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from msgspec import structs

from jackfield.backup import dump
from jackfield.backup import restore as restoring
from jackfield.errors import Problem
from jackfield.settings import Settings

from .serve import run_until_done, settings_or_exit

T = TypeVar("T")

EVERY = 0.5  # seconds between two words on how far it is
_DATA = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Instead of JACKFIELD_DATA."
)
_DATABASE = click.option("--database", help="Instead of JACKFIELD_DATABASE.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Say what was done as one line of JSON.")


@click.command()
@click.argument("place", type=click.Path(path_type=Path))
@click.option("--media/--no-media", default=True, help="With or without the files. Default: with them.")
@click.option("--with-key", is_flag=True, help="Put the key in: who has the backup has every secret.")
@_DATA
@_DATABASE
@_JSON
def backup(  # noqa: PLR0917  # click names them
    place: Path, media: bool, with_key: bool, data: Path | None, database: str | None, as_json: bool
) -> None:
    """Write everything into a new file, while the server runs.

    PLACE is the file, or a folder, where the file is then named by the time. Sessions are not in it,
    and unless asked for neither is the key: keep that elsewhere, without it the channels have to be
    connected again.
    """
    settings, say = _settings(data, database), _progress()
    made = _done(dump.back_up(settings, _file(place), dump.Wish(media=media, with_key=with_key), say=say))
    if as_json:
        return click.echo(msgspec.json.encode(made))
    click.echo(
        f"{made.archive}: {sum(made.rows.values()):,} rows and {made.files:,} files,"
        f" {made.bytes:,} bytes, in {made.seconds:.1f} s"
    )
    if made.with_key:
        click.echo("The key is in it: whoever reads this file can use every channel.", err=True)
    for path in made.missing:
        click.echo(f"not whole in the media folder: {path}", err=True)
    return None


@click.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="What is in this install now is lost.")
@click.option("--without-key", is_flag=True, help="The key is lost: channels have to be connected again.")
@_DATA
@_DATABASE
@_JSON
def restore(  # noqa: PLR0917  # click names them
    archive: Path,
    replace: bool,
    without_key: bool,
    data: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Make this install what a backup says. No server may run on it.

    ARCHIVE may be of SQLite or PostgreSQL; it goes into the database of this install. What waited to
    leave is held until somebody has looked at it. If this ends early nothing has changed.
    """
    settings, say = _settings(data, database), _progress()
    wish = restoring.Wish(replace=replace, without_key=without_key)
    done = _done(restoring.restore(settings, archive, wish, say=say))
    if as_json:
        return click.echo(msgspec.json.encode(done))
    made = datetime.fromtimestamp(done.at / 1000, UTC)
    click.echo(
        f"as it was at {made:%Y-%m-%d %H:%M:%S} UTC: {sum(done.rows.values()):,} rows and"
        f" {done.files:,} files, in {done.seconds:.1f} s"
    )
    if done.held or done.unknown:
        click.echo(f"look at them before they leave: {done.held} held, {done.unknown} unknown", err=True)
    return None


def _settings(data: Path | None, database: str | None) -> Settings:
    settings = settings_or_exit()
    settings = settings if data is None else structs.replace(settings, data=data)
    return settings if database is None else structs.replace(settings, database=database)


def _file(place: Path) -> Path:
    return place / f"jackfield-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar" if place.is_dir() else place


def _done(work: Coroutine[Any, Any, T]) -> T:
    """What it comes to; a Problem ends the command in words."""
    found: list[T] = []

    async def main() -> None:
        found.append(await work)

    try:
        run_until_done(main())
    except Problem as problem:
        raise click.ClickException(problem.detail or problem.code) from problem
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    return found[0]


def _progress() -> Callable[[str], None]:
    """Says how far it is now and then; on a terminal in one line."""
    last, terminal = 0.0, sys.stderr.isatty()

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            click.echo(f"\r\x1b[K{text}" if terminal else text, err=True, nl=not terminal)

    return say
