"""The reference of the fan-out: a bare server on `websockets`, telling everybody with broadcast()."""

from __future__ import annotations

import time
from typing import Any

from bench.contenders.publishing import Publishing, event
from bench.talk import obey, play
from websockets.asyncio.server import ServerConnection, broadcast, serve

from jackfield.store.rows import StreamRow
from jackfield.web.realtime.feed import encode


class Everybody:
    """Who is connected, and the number of the last event: the same bytes as Jackfield's."""

    def __init__(self) -> None:
        self.there: set[ServerConnection] = set()
        self._seq = 0

    async def greet(self, connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send('{"t":"ready"}')
        self.there.add(connection)
        try:
            await connection.wait_closed()
        finally:
            self.there.discard(connection)

    async def tell(self, count: int) -> None:
        for _ in range(count):
            self._seq += 1
            row = StreamRow(id=0, workspace_id=1, seq=self._seq, data=event(time.monotonic_ns()), at=0)
            payload = encode("w_0000000000001", row, prev=self._seq - 1).payload
            broadcast(self.there, payload.decode())


async def main(_: dict[str, Any]) -> None:
    everybody = Everybody()
    async with (
        serve(everybody.greet, "127.0.0.1", 0, compression=None, backlog=2048) as server,
        Publishing(everybody.tell) as publishing,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        await obey({}, port=port, realtime="/", token="", hello="{}", publish=publishing.port)


if __name__ == "__main__":
    play(main)
