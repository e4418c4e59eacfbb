"""One bad plugin stays one bad plugin: loading, asking, and observers."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import click
import pytest
from demo_channel import DemoKind
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

import jackfield.channel as c
from jackfield import plugins

Install = Callable[..., EntryPoint]
NOBODY: Mapping[str, str] = {}
EVENT = c.Message(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    conversation=c.ConversationId("x"),
    id=c.MessageId("1"),
    sender=c.Sender(from_me=True),
    parts=(c.Text(body="confidential"),),
)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a module with these hook implementations where its entry point finds it."""

    def put(name: str, **members: object) -> EntryPoint:
        module = ModuleType(f"plugin_{name}")
        for member, value in members.items():
            setattr(module, member, value)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, module.__name__, "jackfield")

    return put


def brings(*kinds: object) -> Callable[[], Sequence[object]]:
    @c.hookimpl
    def jackfield_channel_kinds() -> Sequence[object]:
        return kinds

    return jackfield_channel_kinds


def load(*found: EntryPoint, only: Sequence[str] | None = None, **environ: str) -> plugins.Plugins:
    return plugins.load(found, only, environ=environ)


class OtherKind(DemoKind):
    name: ClassVar[str] = "other"


def test_a_good_plugin_brings_its_kinds(install: Install) -> None:
    found = load(install("good", jackfield_channel_kinds=brings(DemoKind())))
    assert found.loaded == ["good"]
    assert found.refused == {}
    assert found.kinds["demo"].title == "Demo"
    assert found.brought_by == {"demo": "good"}
    assert found.hooks_of("good") == ["jackfield_channel_kinds"]
    assert found.origins["good"].module == "plugin_good"


def test_the_installed_plugins_are_found_with_their_distribution() -> None:
    origin = plugins.load(only=["whatsapp_api"], environ={}).origins["whatsapp_api"]
    assert (origin.module, origin.distribution) == ("jackfield_whatsapp_api", "jackfield")
    assert origin.version


class FromTheFuture(OtherKind):
    contract: ClassVar[int] = c.CONTRACT + 1


class Unversioned(OtherKind):
    contract: ClassVar[int] = 0


class BadName(OtherKind):
    name: ClassVar[str] = "Other-Kind"


class TwiceTheField(OtherKind):
    fields: ClassVar[tuple[c.Field, ...]] = (c.Field(name="a"), c.Field(name="a"))


class NoFields(OtherKind):
    fields: ClassVar[tuple[c.Field, ...]] = ("token",)  # type: ignore[assignment]  # the mistake under test


class Unfinished:
    name, title, contract, fields, free_form_window = "unfinished", "Unfinished", 1, (), None


@c.hookimpl
def _failing_kinds() -> Sequence[c.ChannelKind]:
    raise RuntimeError("the licence ran out")


@c.hookimpl
def _wrong_arguments(channel: str, evnt: str) -> None: ...


@c.hookimpl
def _blocking(event: c.AnyEvent) -> None: ...


@c.hookimpl
def _misspelt() -> None: ...


REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("newer contract", {"jackfield_channel_kinds": brings(FromTheFuture())}, "update Jackfield"),
    ("no contract", {"jackfield_channel_kinds": brings(Unversioned())}, "no version of the contract"),
    ("malformed name", {"jackfield_channel_kinds": brings(BadName())}, "'Other-Kind'"),
    ("same name in one plugin", {"jackfield_channel_kinds": brings(OtherKind(), OtherKind())}, "twice"),
    ("same name as another's", {"jackfield_channel_kinds": brings(DemoKind())}, "already brought by a"),
    ("field twice", {"jackfield_channel_kinds": brings(TwiceTheField())}, "field a twice"),
    ("fields of another type", {"jackfield_channel_kinds": brings(NoFields())}, "tuple of Field"),
    ("half a kind", {"jackfield_channel_kinds": brings(Unfinished())}, "has no login"),
    ("not a kind", {"jackfield_channel_kinds": brings(object())}, "not None"),
    ("a hook that raises", {"jackfield_channel_kinds": _failing_kinds}, "RuntimeError: the licence ran out"),
    ("wrong arguments", {"jackfield_event_stored": _wrong_arguments}, "evnt"),
    ("an observer that blocks", {"jackfield_event_stored": _blocking}, "async function"),
    ("an unknown hook", {"jackfield_event_storred": _misspelt}, "jackfield_event_storred"),
]


@pytest.mark.parametrize(("members", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_bad_plugin_is_left_out_with_its_reason(
    install: Install, members: dict[str, object], reason: str
) -> None:
    good = install("a", jackfield_channel_kinds=brings(DemoKind()))
    found = load(good, install("bad", **members))
    assert list(found.refused) == ["bad"]
    assert reason in found.refused["bad"]
    assert list(found.kinds) == ["demo"]
    assert not found.manager.has_plugin("bad")


def test_a_module_that_cannot_be_imported_is_left_out(install: Install) -> None:
    good = install("good", jackfield_channel_kinds=brings(DemoKind()))
    found = load(EntryPoint("broken", "no_such_module_at_all", "jackfield"), good)
    assert "ModuleNotFoundError" in found.refused["broken"]
    assert found.loaded == ["good"]


def test_a_module_that_exits_while_imported_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "plugin_that_exits.py").write_text("import sys\nsys.exit(3)\n")
    found = load(EntryPoint("exits", "plugin_that_exits", "jackfield"))
    assert found.refused == {"exits": "SystemExit: 3"}


def test_an_entry_point_to_nothing_is_left_out(install: Install) -> None:
    point = install("empty", plugin=None)
    found = load(EntryPoint("empty", f"{point.value}:plugin", "jackfield"))
    assert "is None" in found.refused["empty"]


def test_of_two_plugins_of_one_name_the_first_stays(install: Install) -> None:
    first = install("twin", jackfield_channel_kinds=brings(DemoKind()))
    second = EntryPoint(
        "twin", install("other", jackfield_channel_kinds=brings(OtherKind())).value, "jackfield"
    )
    found = load(first, second)
    assert found.loaded == ["twin"]
    assert found.refused == {"twin (plugin_other)": "another plugin is called twin"}


def test_only_the_named_plugins_are_loaded(install: Install) -> None:
    points = [
        install("a", jackfield_channel_kinds=brings(DemoKind())),
        install("b", jackfield_channel_kinds=brings(OtherKind())),
        EntryPoint("broken", "no_such_module_at_all", "jackfield"),
    ]
    assert load(*points, JACKFIELD_PLUGINS=" b ,").loaded == ["b"]
    assert load(*points, JACKFIELD_PLUGINS="b").refused == {}
    assert load(*points, JACKFIELD_PLUGINS="").loaded == []
    assert load(*points, only=["a"], JACKFIELD_PLUGINS="b").loaded == ["a"]
    assert load(*points, JACKFIELD_PLUGINS="b,c").refused == {"c": "asked for by name, but not installed"}


def test_tracing_names_hooks_and_plugins_but_no_arguments(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    @c.hookimpl
    async def jackfield_event_stored(event: c.AnyEvent) -> None: ...

    @c.hookimpl
    def jackfield_commands() -> Sequence[click.Command]:
        return [click.Command("hello")]

    point = install("a", jackfield_event_stored=jackfield_event_stored, jackfield_commands=jackfield_commands)
    caplog.set_level(logging.INFO, "jackfield.plugins")
    quiet, traced = load(point), load(point, JACKFIELD_TRACE_PLUGINS="1")
    plugins.commands(quiet)
    asyncio.run(plugins.notify_stored(quiet, c.ChannelId("ch"), EVENT))
    assert caplog.messages == []
    plugins.commands(traced)
    asyncio.run(plugins.notify_stored(traced, c.ChannelId("ch"), EVENT))
    assert caplog.messages[0] == "hook jackfield_commands: a: ok"
    assert caplog.messages[1].startswith("hook jackfield_event_stored: a: ")
    assert "confidential" not in caplog.text


def test_a_failing_plugin_does_not_take_the_commands_of_the_others(install: Install) -> None:
    @c.hookimpl(specname="jackfield_commands")
    def good() -> Sequence[click.Command]:
        return [click.Command("hello")]

    @c.hookimpl(specname="jackfield_commands")
    def bad() -> Sequence[click.Command]:
        raise RuntimeError("boom")

    found = load(install("bad", hook=bad), install("good", hook=good), install("none"))
    assert [command.name for command in plugins.commands(found)] == ["hello"]


def test_pages_are_made_with_the_site(install: Install) -> None:
    class NoSite:
        async def boot(self, request: Request) -> bytes | None:
            return None

        async def invitation(self, request: Request, token: str) -> bytes | None:
            return None

        def nonce(self, request: Request) -> str:
            return "n"

    async def hello(request: Request) -> Response:
        return Response("hello")

    seen: list[c.Site] = []

    @c.hookimpl
    def jackfield_pages(site: c.Site) -> Sequence[BaseRoute]:
        seen.append(site)
        return [Route("/hello", endpoint=hello)]

    site = NoSite()
    routes = plugins.pages(load(install("a", jackfield_pages=jackfield_pages)), site)
    assert [route.path for route in routes if isinstance(route, Route)] == ["/hello"]
    assert seen == [site]


async def test_a_demo_part_is_open_as_long_as_the_demo_and_a_failing_one_is_left_out(
    install: Install,
) -> None:
    class Stage:
        url = "http://127.0.0.1:1"

        def webhook(self, external_id: str) -> str:
            return f"{self.url}/{external_id}"

        def login(self, kind: str, flow: str, external_id: str) -> c.DemoLogin:
            raise AssertionError("nobody connects here")

        def codes(self) -> Sequence[str]:
            return ()

    story: list[str] = []

    @asynccontextmanager
    async def part(stage: c.DemoStage) -> AsyncGenerator[c.DemoPart]:
        story.append(f"up {stage.webhook('1')}")
        yield c.DemoPart(channels=())
        story.append("down")

    @asynccontextmanager
    async def broken(stage: c.DemoStage) -> AsyncGenerator[c.DemoPart]:
        raise OSError("port in use")
        yield  # what makes it a generator

    @c.hookimpl(specname="jackfield_demo")
    def good(stage: c.DemoStage) -> AbstractAsyncContextManager[c.DemoPart]:
        return part(stage)

    @c.hookimpl(specname="jackfield_demo")
    def bad(stage: c.DemoStage) -> AbstractAsyncContextManager[c.DemoPart]:
        return broken(stage)

    found = load(install("bad", hook=bad), install("good", hook=good))
    async with plugins.demo_parts(found, Stage()) as parts:
        assert list(parts) == ["good"]
        assert story == ["up http://127.0.0.1:1/1"]
    assert story[1:] == ["down"]


async def test_a_slow_and_a_failing_observer_stop_nobody(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[object] = []

    @c.hookimpl(specname="jackfield_event_stored")
    async def good(event: c.AnyEvent, channel: c.ChannelId) -> None:
        seen.extend((channel, event))

    @c.hookimpl(specname="jackfield_event_stored")
    async def failing() -> None:
        raise RuntimeError("boom")

    @c.hookimpl(specname="jackfield_event_stored")
    async def slow(event: c.AnyEvent) -> None:
        await asyncio.sleep(60)

    found = load(install("a", hook=failing), install("b", hook=slow), install("c", hook=good))
    began = time.monotonic()
    await plugins.notify_stored(found, c.ChannelId("ch"), EVENT, within=0.05)
    assert time.monotonic() - began < 5
    assert seen == ["ch", EVENT]
    assert "observer a failed" in caplog.text
    assert "observer b took over 0.05 s" in caplog.text


def test_the_first_plugin_with_words_is_heard_and_a_failing_one_is_not(install: Install) -> None:
    @c.hookimpl
    def broken(locale: str, key: str, parameters: Mapping[str, object]) -> str | None:
        raise RuntimeError("no catalogue")

    @c.hookimpl
    def speaking(locale: str, key: str, parameters: Mapping[str, object]) -> str | None:
        return f"{locale}: {parameters['n']} сообщений" if key == "messages" else None

    found = load(install("a", jackfield_words=speaking), install("b", jackfield_words=broken))
    assert plugins.words(found, "ru", "messages", {"n": 5}) == "ru: 5 сообщений"
    assert plugins.words(found, "ru", "unknown.key", {}) == "unknown.key"
