"""Which channels this process runs: those whose lease it holds."""

from __future__ import annotations

from contextlib import suppress

from jackfield import ids
from jackfield.channel import ChannelId
from jackfield.host import Host, HostError
from jackfield.inbox.leases import Leases
from jackfield.inbox.outbox import Outbox
from jackfield.store.store import Store

from .lines import OpenLines


def leases(store: Store, host: Host, outbox: Outbox, lines: OpenLines, owner: str, *, lasts: float) -> Leases:
    """A channel whose lease we hold is connected, and what waits for it leaves through us."""

    async def gained(channel: int, workspace: int) -> None:
        host.run(ChannelId(ids.show("ch", channel)))
        line = lines.get(channel)
        outbox.start(channel, workspace, "" if line is None else line.kind.name)

    async def lost(channel: int, _: int) -> None:
        await outbox.stop(channel)
        with suppress(HostError):  # closed meanwhile: it runs no more either
            await host.stop(ChannelId(ids.show("ch", channel)))

    return Leases(
        store,
        owner=owner,
        gained=gained,
        lost=lost,
        able=lambda channel: lines.get(channel) is not None,
        lasts=lasts,
        every=lasts / 3,
    )
