"""The command that asks a running simulator, and the one that starts it with a scenario."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from jackfield_whatsapp_api.asking import Refused, ask, wish
from jackfield_whatsapp_api.simulator import Customer, Number, Simulator


async def command(*words: str) -> asyncio.subprocess.Process:
    code = "from jackfield_whatsapp_api.cli import whatsapp_api; whatsapp_api()"
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, *words, stdout=-1, stderr=-1)


async def control(*words: str) -> tuple[int, Any]:
    """The exit status, and the answer or what was complained of."""
    process = await command("control", *words)
    async with asyncio.timeout(20):
        out, errors = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in errors
    return process.returncode, errors.decode() if process.returncode else json.loads(out)


async def test_a_person_plays_customer_and_provider_from_the_command_line(
    sim: Simulator, shop: Number, ann: Customer
) -> None:
    who = (f"number={shop.id}", f"user={ann.phone}")
    status, said = await control(sim.url, "messages", *who, 'content={"body":"Hello"}')
    assert (status, sim.messages[said["id"]].content) == (0, {"body": "Hello"})
    before = sim.now()
    await control(sim.url, "clock", "forward=90000")
    assert (sim.now() - before).total_seconds() >= 90000
    status, said = await control(sim.url, "scenario", "name=rush hour", "seed=7")
    assert [one["code"] for one in said["faults"]] == [130429, 131056]
    assert len((await control(sim.url, "script"))[1]["faults"]) == 2
    assert (await control(sim.url, "calm"))[1]["faults"] == []  # nothing to look at: it is done
    status, said = await control(sim.url, "customers", 'phone="12"', "name=Nobody")
    assert (status, "not a phone number" in said) == (1, True)
    assert "no such call" in (await control(sim.url, "weather"))[1]


async def test_what_is_not_there_or_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        await ask("http://127.0.0.1:9", "state", ())
    for words in (["forward"], ["@" + str(tmp_path / "none.json")], ["{"]):
        with pytest.raises(Refused):
            wish(words)
    file = tmp_path / "faults.json"
    file.write_text('{"faults": []}')
    assert wish([f"@{file}"]) == {"faults": []}
    assert wish(["a=1", "b=x y", "id=106540352242922", "on=true"]) == {
        "a": 1,
        "b": "x y",
        "id": "106540352242922",
        "on": True,
    }


async def test_it_can_be_started_with_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"type": "refuse", "code": 368, "times": 2}]')
    process = await command("simulator", "--json", "--scenario", f"@{file}", "--seed", "3")
    assert process.stdout is not None
    async with asyncio.timeout(20):
        said = json.loads(await process.stdout.readline())
        found = await ask(said["api_base"], "script", ())
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert [(one["code"], one["times"]) for one in found["faults"]] == [(368, 2)]


@pytest.mark.parametrize("named", ["sunshine", "@/nowhere.json"])
async def test_a_scenario_that_is_none_ends_the_command_with_a_reason(named: str) -> None:
    process = await command("simulator", "--scenario", named)
    async with asyncio.timeout(20):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"--scenario" in errors
    assert b"Traceback" not in errors
