"""The peer of the way in: pywa's webhook server as its run() sets it up, a handler that stores nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import uvicorn
from bench import webhooks
from bench.talk import obey, play
from pywa.client import WhatsApp
from starlette.applications import Starlette

from jackfield.app import listen

STILL = 0.05  # seconds without a further message, after which all were handled


async def main(_: dict[str, Any]) -> None:
    logging.disable(logging.INFO)
    app, handled = Starlette(), 0
    client: Any = WhatsApp(
        phone_id=webhooks.NUMBER,
        token="none",
        server=cast("Any", app),  # pywa takes Starlette and types it as FastAPI
        verify_token="none",
        app_secret=webhooks.SECRET,
        webhook_endpoint="/webhook",
    )

    def handle(_: WhatsApp, message: object) -> None:
        nonlocal handled
        handled += 1

    client.on_message(handle)

    async def counts() -> dict[str, int]:
        """pywa answers first and handles afterwards, in a thread."""
        before = -1
        while before != handled:
            before = handled
            await asyncio.sleep(STILL)
        return {"messages": handled}

    door = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    async with asyncio.TaskGroup() as tasks:
        service = tasks.create_task(uvicorn.Server(config).serve(sockets=[door]))
        await obey({"counts": counts}, port=door.getsockname()[1], path="/webhook")
        service.cancel()


if __name__ == "__main__":
    play(main)
