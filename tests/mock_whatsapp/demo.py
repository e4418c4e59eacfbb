"""The demo's phones: a town on the mock, a page to hold its phones with, and one number linked already."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from jackfield_whatsapp_business.line import COMMAND

import jackfield_whatsapp_api
from jackfield.channel import DemoChannel, DemoPart, DemoStage, Done, Show
from jackfield_whatsapp_api.simulator.server import listen, serving

from .leading import environment
from .phone_page.app import build
from .phone_page.handsets import Handsets
from .phone_page.story import LINKED, people
from .server import MockWhatsApp

log = logging.getLogger("mock_whatsapp")

KIND, WORKSPACE = "whatsapp_business", "Spoke & Chain"
PAGE = "Phones"
WITHIN = 45.0  # seconds for linking the first number
PICTURES = Path(jackfield_whatsapp_api.__file__).parent / "simulator" / "stories" / "media"


@asynccontextmanager
async def demo(stage: DemoStage) -> AsyncGenerator[DemoPart]:
    """Phones on a page of 127.0.0.1 for as long as the context is open; bridges reach nobody else."""
    sock = listen("127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="jackfield-phones-") as folder, sock:
        async with MockWhatsApp(Path(folder)).running() as mock:
            handsets = Handsets(mock, stage.codes)
            people(mock, handsets, PICTURES)
            async with handsets.running(), serving(build(handsets), sock):
                with leading(mock):
                    channels = await _linked(stage, handsets)
                    url = f"http://127.0.0.1:{sock.getsockname()[1]}/#{LINKED}"
                    yield DemoPart(channels=channels, pages={PAGE: url})


@contextmanager
def leading(mock: MockWhatsApp) -> Generator[None]:
    """Bridges that this process starts go to the mock. The process itself is told nothing: it would trust
    the mock's certificates too."""
    given = environment(mock)
    command = shlex.split(given.pop(COMMAND))
    before = os.environ.get(COMMAND)
    os.environ[COMMAND] = shlex.join(["env", *(f"{name}={value}" for name, value in given.items()), *command])
    try:
        yield
    finally:
        if before is None:
            del os.environ[COMMAND]
        else:
            os.environ[COMMAND] = before


async def _linked(stage: DemoStage, handsets: Handsets) -> Sequence[DemoChannel]:
    """The first number, linked as a person links it. Nothing where that fails: the demo goes on without."""
    attempt = stage.login(KIND, "qr", LINKED)
    try:
        async with asyncio.timeout(WITHIN):
            await attempt.start()
            step = await attempt.submit({"understood": "1"})
            if isinstance(step, Show):
                await handsets.link(handsets.phones[LINKED], text=step.data)
            while isinstance(step, Show):
                step = await attempt.wait()
    except TimeoutError:
        log.warning("the first phone could not be linked within %.0f seconds", WITHIN)
        await attempt.cancel("took too long")
        return ()
    if not isinstance(step, Done):
        log.warning("the first phone could not be linked: %s", step)
        return ()
    return (
        DemoChannel(
            kind=KIND,
            name=WORKSPACE,
            external_id=step.external_id,
            config=step.config,
            public={"number": f"+{step.external_id}"},
        ),
    )
