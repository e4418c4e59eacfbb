"""A bridge on another machine: the script of docs/bridge.md, in a bare environment with a home of its own."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.line import COMMAND
from whatsapp_bridge import Bridge, bridge

from jackfield.channel import Media

PAGE = Path(__file__).parents[3] / "docs/bridge.md"
SCRIPTED = Path(__file__).with_name("scripted_bridge.py")
FAR = """#!/bin/sh
# in place of ssh -R PORT HOST COMMAND
exec env -i HOME='{home}' PATH='{bin}:/usr/bin:/bin' sh -c "$4"
"""


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home on the other machine. Its python runs a bridge without an engine."""
    tools, home = tmp_path / "bin", tmp_path / "home"
    home.mkdir()
    tools.mkdir()
    (found,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", PAGE.read_text(), re.DOTALL)
    scripts = {
        "bridge-elsewhere": found,
        "ssh": FAR.format(home=home, bin=tools),
        "python": f"#!/bin/sh\nexec '{sys.executable}' '{SCRIPTED}'\n",
    }
    for name, text in scripts.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o700)
    monkeypatch.setenv(COMMAND, f"{tools}/bridge-elsewhere other.example")
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    return home / "bridges"


async def linked(started: Bridge) -> None:
    await started.state("unlinked")
    await started.line.ask(say.Link(ref=started.line.ref()))
    await started.state("connected")


async def test_a_bridge_runs_on_another_machine(tmp_path: Path, far: Path) -> None:
    path = tmp_path / "bill.pdf"
    path.write_bytes(b"what is owed" * 100_000)
    async with bridge(tmp_path / "here") as started:
        line = started.line
        await linked(started)
        files = {"f": say.File(path=str(path), mime="application/pdf")}
        part = Media(sort="document", ref="f", mime="application/pdf")
        sent = await line.ask(say.Send(ref=line.ref(), to="1@lid", part=part, txn="t", files=files))
        assert isinstance(sent, say.Done)
        (arrived,) = await asyncio.to_thread(lambda: list(far.rglob("arriving-*")))
        assert arrived.read_bytes() == path.read_bytes()
        done = await line.ask(say.Fetch(ref=line.ref(), file="any"))
        assert isinstance(done, say.Done)
        assert Path(done.path).parent == tmp_path / "here"
        assert await asyncio.to_thread(Path(done.path).read_bytes) == b"a file"
    assert (far / "here/session.json").exists()
    assert (far / "here").stat().st_mode & 0o077 == 0


async def test_a_bridge_elsewhere_ends_with_its_channel(tmp_path: Path, far: Path) -> None:
    async with bridge(tmp_path / "here") as started:
        await linked(started)
    async with bridge(tmp_path / "here") as again:
        await again.state("connected")
