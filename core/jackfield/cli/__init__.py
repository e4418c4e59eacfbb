"""The command line: `jackfield …`. Each command in its own module; plugins add theirs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

import click

from jackfield import plugins as plugin_host

_COMMANDS: Mapping[str, str] = {
    "serve": "serve:serve",
    "demo": "demo:demo",
    "migrate": "serve:migrate",
    "operator": "people:operator",
    "token": "people:token",
    "workspace": "people:workspace",
    "channel": "channels:channel",
    "plugin": "plugin:plugin",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "restore": "backup:restore",
}


class _Main(click.Group):
    """Imports a command when it is asked for; what is not ours may be a plugin's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS, *sorted(self._of_plugins())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return self._of_plugins().get(cmd_name)
        module, _, name = where.partition(":")
        command = getattr(import_module(f"jackfield.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def _of_plugins(self) -> dict[str, click.Command]:
        logging.getLogger("jackfield.plugins").setLevel(logging.ERROR)  # `plugin list` tells the reasons
        found = plugin_host.commands(plugin_host.load())
        return {command.name: command for command in found if command.name and command.name not in _COMMANDS}


@click.command(cls=_Main)
@click.version_option(package_name="jackfield")
@click.option("--log", default="warning", type=click.Choice(["debug", "info", "warning", "error"]))
def _main(log: str) -> None:
    """One inbox for every line a business is reached on.

    Settings come from the environment: JACKFIELD_DATA, JACKFIELD_DATABASE, JACKFIELD_BUS,
    JACKFIELD_URL … (docs/operating.md).
    """
    logging.basicConfig(
        level=os.environ.get("JACKFIELD_LOG", log).upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


main: Callable[[], None] = _main
