"""The demo's two businesses: their past fits the contract, their customers live, the command line serves."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from jackfield.channel import (
    Call,
    ChoiceMade,
    ChoiceOffered,
    ConversationInfo,
    DemoLogin,
    FormReply,
    Location,
    Media,
    Message,
    Order,
    Reaction,
    Receipt,
    System,
    Template,
    Text,
    Unrecognised,
    Unsupported,
)
from jackfield_whatsapp_api.demo import demo
from jackfield_whatsapp_api.simulator import Customer, Number, Simulator, stories

Json = dict[str, Any]


class Stage:
    """Where a Jackfield would listen; nobody does."""

    url = "http://127.0.0.1:9"

    def webhook(self, external_id: str) -> str:
        return f"{self.url}/hooks/{external_id}"

    def login(self, kind: str, flow: str, external_id: str) -> DemoLogin:
        raise AssertionError("nobody connects here")

    def codes(self) -> Sequence[str]:
        return ()


async def test_two_businesses_come_with_what_their_channels_need() -> None:
    async with demo(Stage()) as part:
        ru, en = part.channels
        assert (ru.name, en.name) == ("Цветы на Гороховой", "Spoke & Chain")
        assert ru.config["access_token"] != en.config["access_token"]
        for channel in part.channels:
            assert (
                channel.external_id == channel.config["phone_number_id"] == channel.public["phone_number_id"]
            )
            shown = {"app_secret", "verify_token", "phone_number_id", "waba_id", "simulator"}
            assert set(channel.public) == shown
            url = f"{channel.public['simulator']}/v25.0/{channel.external_id}"
            headers = {"Authorization": f"Bearer {channel.config['access_token']}"}
            async with aiohttp.ClientSession(headers=headers) as client, client.get(url) as answer:
                assert (await answer.json())["verified_name"] == channel.name
        async with aiohttp.ClientSession() as client, client.get(part.pages["phone"]) as answer:
            assert answer.status == 200


async def test_the_past_is_told_in_order_and_in_parts_of_every_kind() -> None:
    now = datetime.now(UTC)
    async with demo(Stage()) as part:
        for channel in part.channels:
            events = channel.history
            messages = [one for one in events if isinstance(one, Message)]
            assert len({one.conversation for one in messages}) == 12
            assert [one.at for one in events] == sorted(one.at for one in events)
            assert all(now - timedelta(days=3, minutes=1) < one.at < now for one in events)
            kinds = Counter(type(one) for message in messages for one in message.parts)
            talk = {Text, Media, Location, Order, ChoiceOffered, ChoiceMade}
            assert talk | {Template, FormReply, Call, System} == set(kinds)
            assert {
                one.style for said in messages for one in said.parts if isinstance(one, ChoiceOffered)
            } == {
                "buttons",
                "list",
            }
            assert any(said.origin == "bot" for said in messages)
            assert [one.holder for one in events if isinstance(one, ConversationInfo)] == ["agent"] * 2 + [""]
            assert {one.sort for message in messages for one in message.parts if isinstance(one, Media)} == {
                "image",
                "document",
                "voice",
            }
            assert any(isinstance(one, Reaction) for one in events)
            assert not any(isinstance(one, Unrecognised) for one in events)
            assert Unsupported not in kinds
            known = {one.id for one in messages}
            assert {one.reply_to for one in messages if one.reply_to} <= known
            sent = {one.id for one in messages if one.sender.from_me and one.origin != "bot"}
            assert {target for one in events if isinstance(one, Receipt) for target in one.targets} == sent
            assert {one.target for one in events if isinstance(one, Reaction)} <= known
            hidden = [one for one in messages if one.conversation == messages[0].conversation]
            assert len({frozenset(one.peer or one.sender.addresses) for one in hidden}) == 1


async def test_files_of_the_past_can_be_fetched_and_ids_stay_from_start_to_start() -> None:
    ids: list[list[str]] = []
    for _ in range(2):
        async with demo(Stage()) as part:
            channel = part.channels[0]
            messages = [one for one in channel.history if isinstance(one, Message)]
            ids.append([channel.external_id, *(f"{one.conversation} {one.id}" for one in messages)])
            base = channel.public["simulator"]
            headers = {"Authorization": f"Bearer {channel.config['access_token']}"}
            async with aiohttp.ClientSession(headers=headers) as client:
                for media in (one for said in messages for one in said.parts if isinstance(one, Media)):
                    async with client.get(f"{base}/v25.0/{media.ref}") as answer:
                        node: Json = await answer.json()
                    async with client.get(node["url"]) as answer:
                        assert len(await answer.read()) == node["file_size"] > 1000
    assert ids[0] == ids[1]


async def test_customers_write_by_themselves(sim: Simulator, inbox: list[Json]) -> None:
    story = stories.load("en")
    number = stories.settle(sim, story)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):
            await stories.live(sim, number, story, seed=1, speed=600)
    await sim.settled()
    said = [one for one in sim.messages.values() if one.by == "customer"]
    assert len(said) >= 3
    assert {one.content["body"] for one in said} <= {*story.later, *story.answers}
    assert len(inbox) == len(said)


async def test_customers_answer_unless_somebody_plays_them(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    story = stories.load("ru")
    number = stories.settle(sim, story)
    first, second = (one.phone.replace(" ", "").replace("-", "").lstrip("+") for one in story.customers[:2])
    for phone in (first, second):
        sim.user_says(number.id, phone, "Здравствуйте")

    async def play() -> None:
        await stories.live(sim, number, story, speed=20)

    headers = {"Authorization": f"Bearer {sim.token_of(number)}"}
    with sim.world.feed.listen() as feed:
        living = asyncio.create_task(play())
        async with aiohttp.ClientSession(headers=headers) as client:
            for phone in (first, second):
                body: Json = {"messaging_product": "whatsapp", "to": phone, "text": {"body": "Добрый день!"}}
                url = f"{sim.url}/v25.0/{number.id}/messages"
                async with client.post(url, json=body) as answer:
                    assert answer.status == 200
        async with asyncio.timeout(10):
            while event := await feed.get():
                message: Json = event["message"]
                if message["user"] == second and message["status"] == "delivered":
                    assert sim.user_reads(number.id, second) == 1  # as the phone page does at once
                if message["by"] == "customer" and message["content"]["body"] in story.answers:
                    break
        living.cancel()
        with pytest.raises(asyncio.CancelledError):
            await living
    answers = {one.user for one in sim.messages.values() if one.content.get("body") in story.answers}
    assert answers == {first}


async def _command(*arguments: str) -> asyncio.subprocess.Process:
    code = "from jackfield_whatsapp_api.cli import whatsapp_api; whatsapp_api()"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "simulator", *arguments, stdout=-1, stderr=-1
    )


async def test_the_command_says_what_it_made_and_ends_cleanly_on_ctrl_c(hook: str) -> None:
    wished = ["--phone-number-id", "123", "--waba-id", "456", "--token", "abc", "--verify-token", "knock"]
    process = await _command("--json", "--customers", "--webhook", hook, *wished)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        said: Json = json.loads(await process.stdout.readline())
        headers = {"Authorization": "Bearer abc"}
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.get(f"{said['api_base']}/v25.0/123") as answer,
        ):
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert (said["waba_id"], said["webhook"], said["verify_token"]) == ("456", hook, "knock")


@pytest.mark.parametrize(
    "arguments", [["--webhook", "nowhere"], ["--waba-id", "abc"], ["--host", "256.0.0.1"]]
)
async def test_a_wrong_wish_ends_the_command_with_a_reason(arguments: list[str]) -> None:
    process = await _command(*arguments)
    async with asyncio.timeout(20):
        _, errors = await process.communicate()
    assert process.returncode in (1, 2)
    assert b"Error:" in errors
    assert b"Traceback" not in errors
