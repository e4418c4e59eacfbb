"""`jackfield operator`, `jackfield workspace`, `jackfield token`: who works here, without a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from jackfield import ids
from jackfield.errors import Problem
from jackfield.store.store import Store, open_store
from jackfield.store.tables import ApiToken, Operator, Workspace
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.auth.sessions import make_link
from jackfield.web.clock import now_ms
from jackfield.web.works import MakeWorkspace, SetRole

from .serve import run_until_done, settings_or_exit

ROLES = click.Choice(["owner", "admin", "operator", "viewer"])


@asynccontextmanager
async def opened() -> AsyncGenerator[Store]:
    """The store of this install; a Problem ends the command in words."""
    try:
        async with open_store(settings_or_exit()) as store:
            yield store
    except Problem as problem:
        raise click.ClickException(problem.detail or problem.code) from problem


async def _operator(email: str) -> Operator:
    found = await Operator.get_or_none(email=email.strip().casefold())
    if found is None:
        raise click.ClickException(f"nobody here has the address {email}")
    return found


@click.group()
def operator() -> None:
    """The people who work here."""


@operator.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--staff", is_flag=True, help="Of the agency: may make workspaces and operators.")
def add_operator(email: str, name: str, staff: bool) -> None:
    """Let somebody in, and print a link that signs in once."""

    async def main() -> None:
        async with opened():
            address = email.strip().casefold()
            if await Operator.filter(email=address).exists():
                raise click.ClickException(f"{address} is here already; `jackfield operator link {address}`")
            made = await Operator.create(
                id=ids.new_id(), email=address, name=name, staff=staff, created_at=now_ms()
            )
            click.echo(settings_or_exit().url + await make_link(made.id))

    run_until_done(main())


@operator.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Print a link that signs this person in once, within ten minutes."""

    async def main() -> None:
        async with opened():
            click.echo(settings_or_exit().url + await make_link((await _operator(email)).id))

    run_until_done(main())


@operator.command("list")
def list_operators() -> None:
    """Who works here."""

    async def main() -> None:
        async with opened():
            for one in await Operator.all().order_by("email"):
                marks = " staff" * one.staff + " disabled" * one.disabled
                click.echo(f"{one.email}\t{one.name}{marks}")

    run_until_done(main())


@operator.command("role")
@click.argument("email")
@click.argument("workspace_id")
@click.argument("role", type=ROLES)
def give_role(email: str, workspace_id: str, role: str) -> None:
    """Give a person a role in a workspace."""

    async def main() -> None:
        async with opened() as store:
            workspace = ids.read("w", workspace_id)
            person = await _operator(email)
            await store.writer.do(
                SetRole(workspace=workspace, operator=person.id, role=role)  # type: ignore[arg-type]  # click checked it
            )
            click.echo(f"{person.email} is {role} in {workspace_id}")

    run_until_done(main())


@click.group()
def workspace() -> None:
    """The clients of the agency."""


@workspace.command("add")
@click.argument("name")
@click.argument("owner_email")
def add_workspace(name: str, owner_email: str) -> None:
    """A new client, with its first owner. Prints its id."""

    async def main() -> None:
        async with opened() as store:
            owner = await _operator(owner_email)
            made = await store.writer.do(
                MakeWorkspace(name=name, color="#1d6fc0", owner=owner.id, id=ids.new_id())
            )
            click.echo(ids.show("w", made))

    run_until_done(main())


@workspace.command("list")
def list_workspaces() -> None:
    """All clients."""

    async def main() -> None:
        async with opened():
            for one in await Workspace.all().order_by("name"):
                click.echo(f"{ids.show('w', one.id)}\t{one.name}")

    run_until_done(main())


@click.group()
def token() -> None:
    """API tokens."""


@token.command("new")
@click.argument("email")
@click.argument("name")
def new_token(email: str, name: str) -> None:
    """A token that acts as this person in all his workspaces. Shown once."""

    async def main() -> None:
        async with opened():
            person, key = await _operator(email), new_key(API_TOKEN)
            await ApiToken.create(
                id=ids.new_id(), operator_id=person.id, name=name, token=digest(key), created_at=now_ms()
            )
            click.echo(key)

    run_until_done(main())
