"""The reference of the storm: a bare server on `websockets` that knows nobody and sends what was missed."""

from __future__ import annotations

from typing import Any

from bench.contenders.publishing import event
from bench.talk import obey, play
from websockets.asyncio.server import ServerConnection, serve

from jackfield.ids import show
from jackfield.store.rows import StreamRow
from jackfield.web.realtime.feed import encode, pack


def rows(workspace: int, many: int) -> list[StreamRow]:
    """What everybody has missed: `many` events from seq 2 on."""
    return [
        StreamRow(id=seq, workspace_id=workspace, seq=seq, data=event(seq), at=1)
        for seq in range(2, many + 2)
    ]


async def main(given: dict[str, Any]) -> None:
    workspace = int(given["workspace"])
    events = [encode(show("w", workspace), row, prev=row.seq - 1) for row in rows(workspace, given["many"])]
    missed = pack(events).payload.decode()

    async def greet(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"t":"resumed"}')
        await connection.send(missed)
        await connection.wait_closed()

    async with serve(greet, "127.0.0.1", 0, compression=None, backlog=2048) as server:
        await obey({}, port=next(iter(server.sockets)).getsockname()[1])


if __name__ == "__main__":
    play(main)
