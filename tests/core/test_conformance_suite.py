"""The suite itself: a good channel passes, and each broken promise fails the check that is about it."""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from broken_channels import BROKEN, Broken, CrashesOnJunk, PromisesTooMuch, leave_loopback
from demo_channel import DemoKind
from whole_channel import (
    AT,
    STRANGER,
    WholeChannel,
    WholeKind,
    WholeSuite,
    call,
    conversation_of,
)

import jackfield.channel as c
from jackfield.testing import (
    ChannelContract,
    FakePort,
    LeftLoopback,
    faults_of,
    foreign_imports,
    no_network,
    only_loopback,
)


class TestWholeChannel(WholeSuite):
    kind = WholeKind()


class TestDemoChannel(ChannelContract):
    """One that implements nothing it need not."""

    kind = DemoKind()
    config: ClassVar[Mapping[str, str]] = {"token": "t0ken-for-demo"}
    conversation = c.ConversationId("x")


def checks_of(suite: type) -> set[str]:
    return {name for name in dir(suite) if name.startswith("test_") and getattr(suite, name)}


def test_only_what_applies_is_there() -> None:
    whole, demo = checks_of(TestWholeChannel), checks_of(TestDemoChannel)
    assert demo < whole
    for name in (
        "test_a_wrong_signature_stores_nothing",
        "test_ids_round_trip",
        "test_media_can_be_downloaded",
    ):
        assert name in whole
        assert name not in demo
    assert "test_capabilities_tell_the_truth" in demo
    assert "test_what_is_signed_but_unreadable_is_kept" not in whole  # it has no sign()


def test_a_check_taken_out_of_a_parent_comes_back_where_it_applies() -> None:
    class Signing(TestWholeChannel):
        def sign(self, body: bytes) -> c.HookRequest:
            return call(body)

    assert "test_what_is_signed_but_unreadable_is_kept" in checks_of(Signing)


def test_an_author_may_replace_a_check() -> None:
    class Own(TestDemoChannel):
        def test_ids_round_trip(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Own().test_ids_round_trip()


def test_a_kind_that_cannot_open_fails_with_its_own_error() -> None:
    class Closed(TestDemoChannel):
        config: ClassVar[Mapping[str, str]] = {}

    assert "test_capabilities_tell_the_truth" not in checks_of(Closed)
    with pytest.raises(ValueError, match="no token"):
        Closed().test_opening_does_no_io()


# every check can fail


def suite_of(broken: Broken) -> type[WholeSuite]:
    members = {"kind": broken.kind(broken.channel, broken.login), **broken.suite}
    return type("Suite", (WholeSuite,), members)


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{b.check}-{b.says}" for b in BROKEN])
def test_a_broken_promise_fails_its_check(broken: Broken) -> None:
    suite = suite_of(broken)
    check: Callable[[], None] = getattr(suite(), f"test_{broken.check}")
    with pytest.raises(AssertionError) as failed:
        check()
    assert broken.says in str(failed.value)


def test_a_promise_of_something_not_implemented_fails() -> None:
    class Promising(TestDemoChannel):
        kind = PromisesTooMuch()

    with pytest.raises(AssertionError, match="does not implement Edits"):
        Promising().test_capabilities_tell_the_truth()


def test_a_signed_body_that_makes_a_channel_crash_fails() -> None:
    class Crashing(WholeSuite):
        kind = WholeKind(CrashesOnJunk)

        def sign(self, body: bytes) -> c.HookRequest:
            return call(body)

    with pytest.raises(AssertionError, match="must not raise"):
        Crashing().test_what_is_signed_but_unreadable_is_kept()


def test_every_check_is_shown_to_fail() -> None:
    shown = {f"test_{broken.check}" for broken in BROKEN} | {"test_what_is_signed_but_unreadable_is_kept"}
    elsewhere = {"test_imports_only_the_contract"}  # shown below, with a file of its own
    assert checks_of(ChannelContract) == shown | elsewhere


# its parts


def test_imports_past_the_contract_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nosy_plugin.py").write_text(
        "import jackfield.channel as c\nfrom jackfield import testing, plugins\nimport jackfield.host.port\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.import_module("nosy_plugin")
    found = [line.partition(".py:")[2] for line in foreign_imports("nosy_plugin")]
    assert found == ["2: jackfield.plugins", "3: jackfield.host.port"]

    class Nosy(WholeKind):
        pass

    Nosy.__module__ = "nosy_plugin"

    class Suite(WholeSuite):
        kind = Nosy()

    with pytest.raises(AssertionError, match="and nothing else of core"):
        Suite().test_imports_only_the_contract()


def test_the_fence_lets_loopback_through_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, only_loopback() as attempts:
        socket.create_connection(server.getsockname()).close()
        socket.getaddrinfo("localhost", 80)
        with pytest.raises(LeftLoopback):
            leave_loopback()
        with pytest.raises(LeftLoopback):
            socket.getaddrinfo("example.org", 80)
        with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(LeftLoopback):
            sock.sendto(b"x", ("192.0.2.2", 53))
    assert attempts == ["192.0.2.1", "example.org", "192.0.2.2"]


def test_without_network_not_even_loopback_is_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        no_network() as attempts,
        pytest.raises(LeftLoopback),
    ):
        socket.create_connection(server.getsockname())
    assert attempts == ["127.0.0.1"]


async def test_a_fake_port_keeps_what_it_is_given() -> None:
    port = FakePort()
    event = c.LimitChange(at=AT, about="quality", value="green")
    await port.emit(event, raw=b"raw")
    await port.put("k", b"v")
    await port.put("gone", None)
    port.add_file("f", b"x" * 100_000, name="a.txt", mime="text/plain")
    file = await port.media("f")
    assert (port.events, port.raw, await port.get("k")) == ([event], [b"raw"], b"v")
    assert [len(chunk) async for chunk in file.chunks()] == [65536, 34464]
    assert file.size == 100_000
    with pytest.raises(KeyError):
        await port.media("nothing")


def test_a_provider_started_for_the_suite_gives_the_configuration() -> None:
    seen: list[Mapping[str, str]] = []

    class Noting(WholeChannel):
        def __init__(self, config: Mapping[str, str], port: c.Port) -> None:
            super().__init__(config, port)
            seen.append(config)

    class Provided(WholeSuite):
        kind = WholeKind(Noting)

        @asynccontextmanager
        async def provider(self) -> AsyncGenerator[Mapping[str, str]]:
            yield STRANGER

    Provided().test_nothing_is_not_sent()
    assert seen[-1] == STRANGER


class Foreign(c.Message, frozen=True, kw_only=True, tag="foreign"):
    pass


ADA = conversation_of("ada")
SOUND = c.Message(
    at=AT,
    conversation=ADA,
    id=c.MessageId("1"),
    sender=c.Sender(addresses=(c.Address(kind="whole", value="ada"),)),
    parts=(c.Text(body="hi"),),
)
UNSOUND: list[tuple[str, Any]] = [
    ("the union is closed", Foreign(**msgspec.structs.asdict(SOUND))),
    ("no parts", msgspec.structs.replace(SOUND, parts=())),
    ("from nobody", msgspec.structs.replace(SOUND, sender=c.Sender())),
    ("no id", msgspec.structs.replace(SOUND, id=c.MessageId(""))),
    ("does not survive JSON", c.Unrecognised(at=AT, kind="x", raw=msgspec.Raw(b"{not json"))),
    ("does not survive JSON", msgspec.structs.replace(SOUND, parts=("hi",))),
    ("neither by id nor by txn", c.Receipt(at=AT, targets=(), level="read")),
    ("without an address", c.Typing(at=AT, conversation=ADA, sender=c.Sender())),
    ("no parts", c.HistoryChunk(at=AT, messages=(msgspec.structs.replace(SOUND, parts=()),))),
]


@pytest.mark.parametrize(("says", "event"), UNSOUND)
def test_an_unsound_event_is_found(says: str, event: c.AnyEvent) -> None:
    assert says in "; ".join(faults_of(event))


def test_a_sound_event_has_no_fault() -> None:
    assert faults_of(SOUND) == []
    assert faults_of(c.HistoryChunk(at=AT, messages=(SOUND,))) == []
