"""`jackfield channel`: what is connected."""

from __future__ import annotations

import click

from jackfield import ids
from jackfield.store.rows import ChannelRow

from .people import opened
from .serve import run_until_done


@click.group()
def channel() -> None:
    """The connected numbers, accounts and widgets."""


@channel.command("list")
def list_channels() -> None:
    """Every channel with how it is."""

    async def main() -> None:
        async with opened() as store:
            for row in await store.rows(ChannelRow, "WHERE removed_at IS NULL ORDER BY kind, name"):
                state = row.state if row.enabled else "off"
                click.echo(
                    f"{ids.show('ch', row.id)}\t{ids.show('w', row.workspace_id)}\t{row.kind}\t{row.name}\t"
                    f"{state} {row.state_code}".rstrip()
                )

    run_until_done(main())
