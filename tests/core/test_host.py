"""The host: opening, supervision, ports, redaction, logins."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from demo_channel import DemoKind, hold

import jackfield.channel as c
from jackfield import host as h

A, B = c.ChannelId("a"), c.ChannelId("b")
TOKEN = 'sl/ash "quoted" ключ+1'
CONFIG = {"token": TOKEN}
SOON = h.BackOff(first=0.001, most=0.002)
EVENT = c.LimitChange(at=datetime(2026, 1, 1, tzinfo=UTC), about="quality", value="green")


class Core:
    """What stands behind the host here: lists and dictionaries."""

    def __init__(self) -> None:
        self.received: list[tuple[str, Sequence[c.AnyEvent], bytes]] = []
        self.states: list[tuple[str, str, str, str]] = []
        self.kv: dict[tuple[str, str], bytes] = {}
        self.logged: list[tuple[str, c.LogEntry]] = []
        self.refuse_states = 0

    async def receive(self, channel: c.ChannelId, events: Sequence[c.AnyEvent], raw: bytes) -> None:
        self.received.append((channel, events, raw))

    async def set_state(self, channel: c.ChannelId, state: c.State, code: str, text: str) -> None:
        if self.refuse_states:
            self.refuse_states -= 1
            raise OSError("the database is away")
        self.states.append((channel, state.value, code, text))

    async def get(self, channel: c.ChannelId, key: str) -> bytes | None:
        return self.kv.get((channel, key))

    async def put(self, channel: c.ChannelId, key: str, value: bytes | None) -> None:
        if value is None:
            self.kv.pop((channel, key), None)
        else:
            self.kv[channel, key] = value

    async def open_media(self, channel: c.ChannelId, ref: str) -> c.MediaFile:
        return c.MediaFile(ref=ref, name="a.txt", mime="text/plain", size=1)

    def log(self, channel: c.ChannelId, entry: c.LogEntry) -> None:
        self.logged.append((channel, entry))

    def words(self) -> list[str]:
        return [state for _, state, _, _ in self.states]


@asynccontextmanager
async def hosting(
    *kinds: DemoKind, core: Core | None = None, backoff: h.BackOff = SOON, login_within: float = 60
) -> AsyncGenerator[h.Host]:
    kinds = kinds or (DemoKind(),)
    async with (
        asyncio.timeout(20),
        h.Host(
            {kind.name: kind for kind in kinds},
            core or Core(),
            backoff=backoff,
            luck=lambda: 1.0,
            login_within=login_within,
        ) as host,
    ):
        yield host


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.001)


# opening


async def test_an_open_channel_is_found_and_does_not_run_by_itself() -> None:
    core = Core()
    async with hosting(core=core) as host:
        channel = await host.open(A, "demo", CONFIG)
        assert host.channel(A) is channel
        assert host.channel(B) is None
        assert host.opened() == {A: h.Opened(kind="demo", running=False)}
        await asyncio.sleep(0.01)
    assert core.states == []


async def test_a_kind_nobody_brings_is_refused() -> None:
    async with hosting() as host:
        with pytest.raises(h.NoSuchKind, match="telegram"):
            await host.open(A, "telegram", {})
        assert host.opened() == {}


async def test_why_a_channel_cannot_be_opened_is_said_without_its_secrets() -> None:
    class Picky(DemoKind):
        def open(self, channel: c.ChannelId, config: object, port: c.Port) -> c.Channel:
            raise ValueError(f"cannot use {config}")

    async with hosting(Picky()) as host:
        with pytest.raises(h.CannotOpen) as refused:
            await host.open(A, "demo", {"token": "hunter22"})
    assert str(refused.value) == "demo: ValueError: cannot use {'token': '[secret]'}"


async def test_the_same_configuration_again_changes_nothing() -> None:
    async with hosting() as host:
        channel = await host.open(A, "demo", CONFIG)
        assert await host.open(A, "demo", dict(CONFIG)) is channel


async def test_a_new_configuration_replaces_a_running_channel_and_runs_it() -> None:
    core, tokens = Core(), list[str]()

    async def run(port: c.Port) -> None:
        tokens.append((await port.get("who") or b"").decode())
        await hold(port)

    async with hosting(DemoKind(run), core=core) as host:
        old = await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: len(tokens) == 1)
        new = await host.open(A, "demo", {"token": "another-one"})
        assert host.channel(A) is new is not old
        await until(lambda: len(tokens) == 2)
        assert host.opened()[A].running


async def test_a_replaced_channel_stores_and_reports_nothing_more() -> None:
    core = Core()
    ports: list[c.Port] = []

    async def run(port: c.Port) -> None:
        ports.append(port)
        await hold(port)

    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: ports)
        await host.close(A)
        assert host.channel(A) is None
        stale = len(core.states)
        with pytest.raises(h.Closed):
            await ports[0].emit(EVENT)
        with pytest.raises(h.Closed):
            await ports[0].put("k", b"v")
        ports[0].state(c.State.LOGGED_OUT)
        ports[0].log(c.LogEntry(op="late", ok=True))
    assert len(core.states) == stale
    assert core.received == []
    assert core.logged == []


async def test_a_bad_new_configuration_leaves_the_old_channel_running() -> None:
    async with hosting() as host:
        channel = await host.open(A, "demo", CONFIG)
        host.run(A)
        with pytest.raises(h.CannotOpen):
            await host.open(A, "demo", {})
        assert host.channel(A) is channel
        assert host.opened()[A].running


# ports


async def test_a_port_carries_everything_to_its_own_channel() -> None:
    core, done = Core(), asyncio.Event()

    async def run(port: c.Port) -> None:
        await port.emit(EVENT, raw=b"raw")
        await port.emit()
        await port.put("k", b"v")
        await port.put("gone", b"v")
        await port.put("gone", None)
        assert await port.get("k") == b"v"
        assert (await port.media("m1")).ref == "m1"
        done.set()
        await hold(port)

    async with hosting(DemoKind(run), core=core) as host:
        await host.open(B, "demo", CONFIG)
        host.run(B)
        await asyncio.wait_for(done.wait(), 5)
    assert core.received == [(B, (EVENT,), b"raw")]
    assert core.kv == {(B, "k"): b"v"}


QUOTED = {
    "plain": TOKEN,
    "in JSON": json.dumps({"token": TOKEN}),
    "in JSON, unescaped": json.dumps({"token": TOKEN}, ensure_ascii=False),
    "in JSON, slashes escaped": json.dumps(TOKEN).replace("/", "\\/"),
    "in JSON in JSON": json.dumps({"body": json.dumps({"token": TOKEN})}),
    "in an address": "https://x.example/?token=" + quote(TOKEN, safe=""),
    "in a path": "https://x.example/" + quote(TOKEN),
    "in a form": "token=" + quote_plus(TOKEN),
    "in lower-case escapes": quote(TOKEN, safe="").lower(),
    "in an address in an address": quote("https://x.example/?t=" + quote(TOKEN, safe=""), safe=""),
    "in basic credentials": "Basic " + base64.b64encode(f"me:{TOKEN}".encode()).decode(),
    "in longer credentials": base64.b64encode(f"user:{TOKEN}:end".encode()).decode(),
    "in URL-safe base64": base64.urlsafe_b64encode(f"four{TOKEN}".encode()).decode(),
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED.keys())
def test_a_secret_is_hidden_however_it_is_quoted(text: str) -> None:
    clean = h.redactor([TOKEN])(text)
    assert "[secret]" in clean
    for form in (TOKEN, json.dumps(TOKEN)[1:-1], quote(TOKEN), quote_plus(TOKEN), "ключ", "ash"):
        assert form.lower() not in clean.lower()
    assert base64.b64encode(TOKEN.encode()).decode()[4:-4] not in clean


def test_what_is_no_secret_stays_readable() -> None:
    assert h.redactor([])("nothing to hide") == "nothing to hide"
    text = "".join(("nothing ", "to hide"))
    assert h.redactor([TOKEN])(text) is text
    assert h.redactor(["", "hunter22"])('{"to": "+49", "t": "hunter22"}') == '{"to": "+49", "t": "[secret]"}'


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert h.redactor(["abc123", "abc123456"])("abc123456") == "[secret]"


async def test_secrets_reach_neither_the_channel_log_nor_a_state_nor_the_servers_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    core = Core()

    async def run(port: c.Port) -> None:
        port.log(c.LogEntry(op="send", ok=False, request=TOKEN, response=TOKEN, error=TOKEN))
        raise RuntimeError(f"refused {TOKEN}")

    caplog.set_level(logging.DEBUG)
    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: core.words().count("transient") and core.logged)
        kept = host.log_of(A)[0].entry
    assert (
        kept
        == core.logged[0][1]
        == c.LogEntry(op="send", ok=False, request="[secret]", response="[secret]", error="[secret]")
    )
    assert core.states[-1] == (A, "transient", "RuntimeError", "refused [secret]")
    assert "refused [secret]" in caplog.text
    assert TOKEN not in caplog.text


async def test_the_log_of_a_channel_is_a_ring() -> None:
    async def run(port: c.Port) -> None:
        for n in range(300):
            port.log(c.LogEntry(op=str(n), ok=True))
        await hold(port)

    core = Core()
    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: "connected" in core.words())
        assert [logged.entry.op for logged in host.log_of(A)] == [str(n) for n in range(100, 300)]
    assert len(core.logged) == 300


# supervision


async def test_a_lost_channel_is_lost_once_and_back_once(caplog: pytest.LogCaptureFixture) -> None:
    core, tries = Core(), 0

    async def run(port: c.Port) -> None:
        nonlocal tries
        tries += 1
        port.state(c.State.CONNECTING)
        if 1 < tries < 6:
            raise c.Unavailable("no route")
        port.state(c.State.CONNECTED)
        if tries == 1:
            raise c.Unavailable("cut off")
        await asyncio.Event().wait()

    caplog.set_level(logging.INFO, "jackfield.host")
    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: core.words().count("connected") == 2)
        assert host.opened()[A] == h.Opened(kind="demo", running=True, state=c.State.CONNECTED)
    assert tries == 6
    assert core.states == [
        (A, "connecting", "", ""),
        (A, "connected", "", ""),
        (A, "transient", "unavailable", "cut off"),
        (A, "connected", "", ""),
    ]
    assert caplog.text.count("channel a lost") == 1
    assert caplog.text.count("channel a back") == 1
    assert caplog.text.count("Traceback") == 1


@pytest.mark.parametrize(
    ("tries", "ceiling"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (5000, 300)]
)
def test_the_wait_doubles_up_to_its_most(tries: int, ceiling: float) -> None:
    backoff = h.BackOff(first=1, most=300)
    assert backoff.wait(tries, 1.0) == ceiling
    assert backoff.wait(tries, 0.5) == ceiling / 2
    assert backoff.wait(tries, 0.0) == 0


async def _pauses(run: Callable[[c.Port], Awaitable[None]], backoff: h.BackOff) -> list[float]:
    """When a channel that keeps ending was started, as differences."""
    loop, starts = asyncio.get_running_loop(), list[float]()

    async def noted(port: c.Port) -> None:
        starts.append(loop.time())
        await run(port)

    async with hosting(DemoKind(noted), backoff=backoff) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: len(starts) == 5)
    return [later - sooner for sooner, later in pairwise(starts)]


async def test_waits_grow_while_a_channel_keeps_failing() -> None:
    async def run(port: c.Port) -> None:
        port.state(c.State.CONNECTED)
        raise c.Unavailable

    pauses = await _pauses(run, h.BackOff(first=0.02, quiet=60))
    assert pauses[3] >= 0.16


async def test_a_quiet_time_makes_the_next_loss_a_first_one() -> None:
    async def run(port: c.Port) -> None:
        port.state(c.State.CONNECTED)
        await asyncio.sleep(0.02)
        raise c.Unavailable

    pauses = await _pauses(run, h.BackOff(first=0.1, quiet=0.01))
    assert pauses[3] < 0.8


async def test_a_long_failing_attempt_is_not_a_quiet_time() -> None:
    async def run(port: c.Port) -> None:
        await asyncio.sleep(0.02)
        raise c.Unavailable

    pauses = await _pauses(run, h.BackOff(first=0.02, quiet=0.01))
    assert pauses[3] >= 0.16


async def test_the_provider_may_ask_for_a_longer_wait() -> None:
    async def run(port: c.Port) -> None:
        raise c.RateLimited(after=0.1)

    assert min(await _pauses(run, SOON)) >= 0.1


async def _returns(port: c.Port) -> None:
    port.state(c.State.CONNECTED)


async def _cancels_itself(port: c.Port) -> None:
    raise asyncio.CancelledError


async def _exits(port: c.Port) -> None:
    raise SystemExit(3)


@pytest.mark.parametrize("ends", [_returns, _cancels_itself, _exits])
async def test_a_run_that_just_ends_is_a_loss(ends: Callable[[c.Port], Awaitable[None]]) -> None:
    core, tries = Core(), 0

    async def run(port: c.Port) -> None:
        nonlocal tries
        tries += 1
        await ends(port) if tries < 3 else await hold(port)

    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: tries == 3 and core.words()[-1] == "connected")
    assert "transient" in core.words()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (c.BadCredentials("expired", remote_code="190"), ("bad_credentials", "190", "expired")),
        (c.Suspended("banned"), ("suspended", "suspended", "banned")),
    ],
)
async def test_what_a_person_must_mend_is_not_tried_again(
    error: Exception, state: tuple[str, str, str]
) -> None:
    core, tries = Core(), 0

    async def run(port: c.Port) -> None:
        nonlocal tries
        tries += 1
        raise error

    async with hosting(DemoKind(run), core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: not host.opened()[A].running)
        host.run(A)  # by hand it may be
        await until(lambda: tries == 2 and not host.opened()[A].running)
    assert [said[1:] for said in core.states] == [("connecting", "", ""), state] * 2


async def test_a_channel_that_says_it_is_logged_out_is_not_tried_again() -> None:
    tries = 0

    async def run(port: c.Port) -> None:
        nonlocal tries
        tries += 1
        port.state(c.State.LOGGED_OUT, "replaced")

    async with hosting(DemoKind(run)) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: not host.opened()[A].running)
        assert host.opened()[A].code == "replaced"
    assert tries == 1


async def test_a_channel_that_has_ended_runs_again_once_it_is_connected_anew() -> None:
    """Connected anew with what it had before, it was left as it was: nobody ran it any more."""
    tries = 0

    async def run(port: c.Port) -> None:
        nonlocal tries
        tries += 1
        port.state(c.State.LOGGED_OUT)

    async def ended(times: int) -> None:
        await until(lambda: tries == times and not host.opened()[A].running)

    async with hosting(DemoKind(run)) as host:
        await host.open(A, "demo", CONFIG)
        host.wake(A)
        assert not host.opened()[A].running, "it has never run here: another process may run it"
        host.run(A)
        await ended(1)
        await host.open(A, "demo", CONFIG)
        host.wake(A)
        await ended(2)
        await host.open(A, "demo", {**CONFIG, "token": "another"})
        await ended(3)


async def test_a_channel_that_was_stopped_is_not_woken() -> None:
    async with hosting(DemoKind(hold)) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await host.stop(A)
        host.wake(A)
        assert not host.opened()[A].running


async def test_running_twice_is_running_once_and_stopping_keeps_it_open() -> None:
    running = 0

    async def run(port: c.Port) -> None:
        nonlocal running
        running += 1
        try:
            await hold(port)
        finally:
            running -= 1

    async with hosting(DemoKind(run)) as host:
        channel = await host.open(A, "demo", CONFIG)
        host.run(A)
        host.run(A)
        await until(lambda: running == 1)
        await host.stop(A)
        assert running == 0
        assert host.channel(A) is channel
        await host.stop(A)
        host.run(A)
        await until(lambda: running == 1)
    assert running == 0


async def test_one_failing_channel_disturbs_no_other() -> None:
    async def run(port: c.Port) -> None:
        if await port.get("bad"):
            raise RuntimeError("boom")
        await hold(port)

    core = Core()
    core.kv[A, "bad"] = b"1"
    async with hosting(DemoKind(run), core=core) as host:
        for channel in (A, B):
            await host.open(channel, "demo", CONFIG)
            host.run(channel)
        await until(lambda: (B, "connected", "", "") in core.states)
        await until(lambda: (A, "transient", "RuntimeError", "boom") in core.states)
        assert host.opened()[B].state is c.State.CONNECTED


async def test_a_channel_that_swallows_a_cancellation_is_cancelled_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    started = asyncio.Event()

    async def run(port: c.Port) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    async with hosting(DemoKind(run)) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await started.wait()
        await host.stop(A)
        assert not host.opened()[A].running
    assert "channel a does not end when it is cancelled" in caplog.text


async def test_what_is_not_open_cannot_run_or_stop() -> None:
    async with hosting() as host:
        with pytest.raises(h.NotOpen):
            host.run(A)
        with pytest.raises(h.NotOpen):
            await host.stop(A)
        with pytest.raises(h.NotOpen):
            host.log_of(A)
        await host.close(A)


async def test_outside_its_context_a_host_runs_nothing() -> None:
    host = h.Host({"demo": DemoKind()}, Core())
    await host.open(A, "demo", CONFIG)
    with pytest.raises(h.HostError, match="async with"):
        host.run(A)


async def test_a_state_that_could_not_be_stored_is_stored_later_and_in_order() -> None:
    core = Core()
    core.refuse_states = 1
    async with hosting(core=core) as host:
        await host.open(A, "demo", CONFIG)
        host.run(A)
        await until(lambda: len(core.states) == 2)
    assert core.words() == ["connecting", "connected"]


async def test_an_error_in_the_servers_own_work_ends_every_channel() -> None:
    ended = False

    async def run(port: c.Port) -> None:
        nonlocal ended
        try:
            await hold(port)
        finally:
            ended = True

    async def serve() -> None:
        core = Core()
        async with hosting(DemoKind(run), core=core) as host:
            await host.open(A, "demo", CONFIG)
            host.run(A)
            await until(lambda: "connected" in core.words())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await serve()
    assert ended


# logins


async def test_a_login_goes_step_by_step_to_done_and_keeps_what_it_put() -> None:
    kind = DemoKind()
    async with hosting(kind) as host:
        login = host.login("demo", "token")
        assert host.session(login.id) is login
        ask = await login.start()
        assert isinstance(ask, c.Ask)
        again = await login.submit({})
        assert isinstance(again, c.Ask)
        assert again.errors == {"token": "missing"}
        assert isinstance(await login.submit({"token": "hunter22"}), c.Show)
        kind.logged_in[0].scanned.set()
        done = await login.wait()
        assert isinstance(done, c.Done)
        assert login.port.kept == {"session": b"keys"}
        assert [logged.entry.request for logged in login.port.recent] == ["token=[secret]"]
        await until(lambda: host.session(login.id) is None)
        with pytest.raises(h.LoginEnded, match="done"):
            await login.wait()
        await login.cancel()
    assert kind.logged_in[0].cancelled == 0


async def test_a_login_can_be_cancelled_in_the_middle_of_a_step() -> None:
    kind = DemoKind()
    async with hosting(kind) as host:
        login = host.login("demo", "token")
        await login.start()
        await login.submit({"token": "hunter22"})
        waiting = asyncio.create_task(login.wait())
        await asyncio.sleep(0.01)
        await login.cancel()
        with pytest.raises(h.LoginEnded, match="cancelled"):
            await waiting
        await login.cancel()
        await until(lambda: host.session(login.id) is None)
    assert kind.logged_in[0].cancelled == 1


async def test_a_login_nobody_finishes_is_cancelled_when_its_time_is_over() -> None:
    kind = DemoKind()
    async with hosting(kind, login_within=0.02) as host:
        login = host.login("demo", "token")
        await login.start()
        await login.submit({"token": "hunter22"})
        with pytest.raises(h.LoginEnded, match="took too long"):
            await login.wait()
        await until(lambda: host.session(login.id) is None)
    assert kind.logged_in[0].cancelled == 1


async def test_a_caller_who_goes_away_does_not_end_the_login() -> None:
    kind = DemoKind()
    async with hosting(kind) as host:
        login = host.login("demo", "token")
        await login.start()
        await login.submit({"token": "hunter22"})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(login.wait(), 0.01)
        kind.logged_in[0].scanned.set()
        assert isinstance(await login.wait(), c.Done)


async def test_logins_under_way_are_cancelled_when_the_server_stops() -> None:
    kind = DemoKind()
    async with hosting(kind) as host:
        await host.login("demo", "token").start()
    assert kind.logged_in[0].cancelled == 1


async def test_a_renewed_login_reads_what_its_channel_kept_and_changes_nothing_yet() -> None:
    core = Core()
    core.kv[A, "device"] = b"1"
    async with hosting(core=core) as host:
        port = host.login("demo", "token", again=A).port
        assert await port.get("device") == b"1"
        await port.put("device", b"2")
        assert await port.get("device") == b"2"
        assert await host.login("demo", "token").port.get("device") is None
    assert core.kv == {(A, "device"): b"1"}


async def test_a_login_has_no_channel_to_emit_to() -> None:
    async with hosting() as host:
        port = host.login("demo", "token").port
        port.state(c.State.CONNECTING)
        with pytest.raises(h.Closed, match="1 events"):
            await port.emit(EVENT)
        with pytest.raises(h.Closed):
            await port.media("m")


async def test_an_unknown_flow_is_refused() -> None:
    async with hosting() as host:
        with pytest.raises(KeyError):
            host.login("demo", "fingerprint")
        with pytest.raises(h.NoSuchKind):
            host.login("telegram", "token")


async def test_a_channel_that_is_removed_leaves_no_folder(tmp_path: Path) -> None:
    kept, gone = tmp_path / "demo" / B, tmp_path / "demo" / A
    async with h.Host({"demo": DemoKind()}, Core(), folders=tmp_path) as host:
        for channel, folder in ((A, gone), (B, kept)):
            await host.open(channel, "demo", CONFIG)
            folder.mkdir(parents=True)
            (folder / "session.db").write_bytes(b"keys")
        await host.forget(A, "demo")
    assert not gone.exists()
    assert (kept / "session.db").exists()
