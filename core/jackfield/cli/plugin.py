"""`jackfield plugin`: which plugins are here, whether one keeps the contract, and how to begin one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from jackfield.channel import CONTRACT, Hooks
from jackfield.plugins import Plugins, load, wanted
from jackfield.scaffold import BadName, write
from jackfield.testing import foreign_imports

RULE = "  "


class KindLine(Struct, frozen=True, kw_only=True):
    """A kind as `plugin list` shows it."""

    name: str
    title: str
    contract: int


class PluginLine(Struct, frozen=True, kw_only=True):
    """A plugin as `plugin list` shows it, loaded or refused; `refused` is the reason."""

    name: str
    module: str
    distribution: str
    version: str
    refused: str = ""
    kinds: tuple[KindLine, ...] = ()
    hooks: tuple[str, ...] = ()


class Finding(Struct, frozen=True, kw_only=True):
    """One thing `plugin check` looked at; `trouble` is empty where all is well."""

    about: str
    trouble: str = ""


@click.group()
def plugin() -> None:
    """Channel plugins: list them, check one, begin a new one."""
    logging.getLogger("jackfield.plugins").setLevel(logging.ERROR)  # the reasons are printed


@plugin.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def list_plugins(as_json: bool) -> None:
    """Every plugin found, loaded or left out, with the reason."""
    found = load()
    lines = [line_of(found, name) for name in found.origins]
    if as_json:
        click.echo(msgspec.json.encode(lines))
        return
    click.echo(f"This Jackfield speaks contract {CONTRACT}.")
    if wanted() is not None:
        click.echo("JACKFIELD_PLUGINS is set: plugins it does not name are not looked at.")
    for line in lines:
        click.echo("\n" + "\n".join(described(line)))


@plugin.command()
@click.argument("name")
def check(name: str) -> None:
    """Load the plugin NAME and look at what can be seen without connecting anything."""
    findings = list(findings_of(load(only=[name]), name))
    for finding in findings:
        mark = click.style("FAIL", fg="red") if finding.trouble else click.style("ok  ", fg="green")
        click.echo(f"{mark} {finding.about}" + (f": {finding.trouble}" if finding.trouble else ""))
    if any(finding.trouble for finding in findings):
        raise click.exceptions.Exit(1)
    click.echo(
        "\nWhat it does is checked by its conformance suite: run `pytest` in the plugin's own folder.\n"
        "A plugin without one subclasses jackfield.testing.ChannelContract (docs/plugins.md)."
    )


@plugin.command()
@click.argument("name")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    help="Where to write it; a folder that is new or empty. Default: jackfield-NAME here.",
)
def new(name: str, folder: Path | None) -> None:
    """Begin a plugin that brings the channel kind NAME: it works, and its tests pass."""
    target = folder or Path("jackfield-" + name.replace("_", "-"))
    try:
        written = write(name, target)
    except (BadName, OSError) as err:
        raise click.ClickException(str(err)) from None
    for path in written:
        click.echo(path)
    click.echo(f"\nNext: pip install -e {target}  ·  jackfield plugin check {name}  ·  pytest {target}")


def line_of(found: Plugins, name: str) -> PluginLine:
    origin = found.origins[name]
    return PluginLine(
        name=name,
        module=origin.module,
        distribution=origin.distribution,
        version=origin.version,
        refused=found.refused.get(name, ""),
        kinds=tuple(
            KindLine(name=kind.name, title=kind.title, contract=kind.contract)
            for kind in found.kinds.values()
            if found.brought_by[kind.name] == name
        ),
        hooks=() if name in found.refused else tuple(found.hooks_of(name)),
    )


def described(line: PluginLine) -> Iterator[str]:
    source = f"{line.distribution} {line.version}" if line.distribution else "no distribution"
    yield f"{line.name}{RULE}{line.module}{RULE}({source})"
    if line.refused:
        yield f"{RULE}left out: {line.refused}"
    for kind in line.kinds:
        yield f'{RULE}brings {kind.name}, "{kind.title}" (contract {kind.contract})'
    if line.hooks:
        yield f"{RULE}hooks: {', '.join(line.hooks)}"


def findings_of(found: Plugins, name: str) -> Iterator[Finding]:
    """What can be said of a plugin from its source and its kinds, most basic first."""
    refused = found.refused.get(name, "")
    yield Finding(about="it loads, and core accepts what it brings", trouble=refused)
    if refused:
        return
    hooks = found.hooks_of(name)
    known = ", ".join(hook for hook in vars(Hooks) if hook.startswith("jackfield_"))
    yield Finding(
        about=f"it implements hooks ({', '.join(hooks)})",
        trouble="" if hooks else f"it has none of {known}; is @hookimpl missing?",
    )
    module = found.origins[name].module.partition(":")[0].partition(".")[0]
    yield Finding(
        about="it imports nothing of core but jackfield.channel and jackfield.testing",
        trouble=", ".join(foreign_imports(module)),
    )
    for kind in found.kinds.values():
        yield Finding(about=f"{kind.name} has a title", trouble="" if kind.title.strip() else "it is empty")
        flows = kind.logins()
        yield Finding(
            about=f"{kind.name} can be connected ({', '.join(flows)})",
            trouble="" if flows else "logins() is empty, so nobody can make a channel of it",
        )
        secret = [field.name for field in kind.fields if field.type == "password" and not field.secret]
        yield Finding(
            about=f"the secrets of {kind.name} are declared",
            trouble=f"secret=True is missing at {', '.join(secret)}" if secret else "",
        )
