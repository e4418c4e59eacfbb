"""What this plugin adds to `jackfield demo`: phones in the browser, where the mock of their network is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

from jackfield.channel import DemoPart, DemoStage

from .engines.neonize.check import EngineMissing, installed

MOCK = "mock_whatsapp"
"""It stands beside the source, under tests/, and plays WhatsApp's servers; no release carries it."""


def demo(stage: DemoStage) -> AbstractAsyncContextManager[DemoPart]:
    try:
        installed()
    except EngineMissing as error:
        return _without(f"No WhatsApp Business app here: {error}.")
    if find_spec(MOCK) is None:
        return _without(
            "No WhatsApp Business app here: its phones are played by the source's tests (make run)."
        )
    part: AbstractAsyncContextManager[DemoPart] = import_module(f"{MOCK}.demo").demo(stage)
    return part


@asynccontextmanager
async def _without(why: str) -> AsyncGenerator[DemoPart]:
    yield DemoPart(remark=f"No WhatsApp Business app here: {why}.")
