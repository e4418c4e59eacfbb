"""The API over HTTP, against a stand-in on loopback: what every failure comes to, and who sees the token."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from waba_cloud import FILE, MEDIA_ID, PHONE_ID, TOKEN, Answer, Cloud, cloud, drops, hangs, refuses, says

from jackfield.channel import (
    BadCredentials,
    ChannelError,
    OptedOut,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Suspended,
    Unavailable,
    Unreachable,
    WindowClosed,
)
from jackfield.testing import FakePort
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.codes import CODES, MediaRefused, NoPermission, PaymentProblem, TemplateMissing
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.errors import error_of

BODY = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}


@pytest.fixture
async def api() -> AsyncGenerator[Cloud]:
    async with cloud() as stand_in:
        yield stand_in


@pytest.fixture
def port() -> FakePort:
    return FakePort()


@pytest.fixture
async def client(api: Cloud, port: FakePort) -> AsyncGenerator[GraphClient]:
    made = GraphClient(Config.read(api.config), port, answer_within=1.5)
    async with made.held():
        yield made


async def test_a_message_is_posted_with_the_token_and_its_id_comes_back(
    api: Cloud, client: GraphClient
) -> None:
    assert await client.send(BODY) == "wamid.sent1"
    (seen,) = api.seen
    assert (seen.method, seen.path) == ("POST", f"/v25.0/{PHONE_ID}/messages")
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.json == BODY


REFUSALS: list[tuple[Answer, type[ChannelError]]] = [
    (refuses(401, 190), BadCredentials),
    (refuses(403, 10), NoPermission),
    (refuses(400, 273), NoPermission),
    (refuses(400, 100), Rejected),
    (refuses(400, 131047), WindowClosed),
    (refuses(400, 131026), Unreachable),
    (refuses(400, 131050), OptedOut),
    (refuses(400, 131031), Suspended),
    (refuses(400, 131042), PaymentProblem),
    (refuses(404, 132001), TemplateMissing),
    (refuses(400, 131053), MediaRefused),
    (refuses(400, 130429), RateLimited),
    (refuses(503, 130429), RateLimited),
    (refuses(400, 131056, is_transient=True), RateLimited),
    (refuses(400, 133015), Unavailable),
    (refuses(500, 131000), OutcomeUnknown),
    (refuses(500, 2), OutcomeUnknown),
    (refuses(400, 100, is_transient=True), OutcomeUnknown),
    (refuses(418, 999999), Rejected),
    (refuses(500, 999999), OutcomeUnknown),
    (says(b"<html>busy</html>", status=502), OutcomeUnknown),
    (says(b"<html>login</html>", status=401), BadCredentials),
    (says(b"", status=429), RateLimited),
    (says(b"", status=302, headers={"Location": "http://127.0.0.1:9/"}), Rejected),
    (says(b"<html>fine</html>"), OutcomeUnknown),
    (says(b"{}"), OutcomeUnknown),
    (says(b'{"messages": [{"id": null}]}'), OutcomeUnknown),
    (hangs, OutcomeUnknown),
    (drops, OutcomeUnknown),
]


@pytest.mark.parametrize(("answer", "error"), REFUSALS)
async def test_each_failure_of_a_send_is_an_error_of_its_class(
    api: Cloud, client: GraphClient, port: FakePort, answer: Answer, error: type[ChannelError]
) -> None:
    api.instead("messages", answer)
    with pytest.raises(error) as raised:
        await client.send(BODY)
    assert type(raised.value) is error
    assert len(api.seen) == 1, "a message must not be sent again by itself"
    (entry,) = port.entries
    assert not entry.ok or error is OutcomeUnknown


async def test_what_was_never_said_surely_did_not_go_out(port: FakePort) -> None:
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        client = GraphClient(Config.read(Cloud(url=url).config), port)
        with pytest.raises(Unavailable) as raised:
            await client.send(BODY)
    assert raised.value.retryable
    assert raised.value.certain


async def test_an_answer_that_never_comes_is_an_unknown_outcome(api: Cloud, client: GraphClient) -> None:
    api.instead("messages", hangs)
    with pytest.raises(OutcomeUnknown) as raised:
        await client.send(BODY)
    assert not raised.value.certain
    assert not raised.value.retryable
    assert api.bodies("/messages") == [BODY]


@pytest.mark.parametrize("answer", [hangs, drops, refuses(500, 131000)])
async def test_a_read_mark_may_be_said_twice(api: Cloud, client: GraphClient, answer: Answer) -> None:
    api.instead("messages", answer)
    with pytest.raises(Unavailable):
        await client.annotate({"status": "read"}, op="read")


async def test_the_error_has_the_providers_number_and_its_most_telling_words(
    api: Cloud, client: GraphClient
) -> None:
    api.instead(
        "messages", refuses(400, 132001, error_data={"details": "template name (x) does not exist in ru"})
    )
    with pytest.raises(TemplateMissing) as raised:
        await client.send(BODY)
    assert raised.value.remote_code == "132001"
    assert raised.value.detail == "template name (x) does not exist in ru"


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "17"}, 17),
        ({"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 3}]}'}, 180),
        ({"X-Business-Use-Case-Usage": "nonsense", "Retry-After": "soon"}, 60),
        ({}, 60),
    ],
)
async def test_the_answer_may_say_how_long_to_wait(
    api: Cloud, client: GraphClient, headers: dict[str, str], after: float
) -> None:
    api.instead("messages", says(b'{"error": {"code": 80007}}', status=400, headers=headers))
    with pytest.raises(RateLimited) as raised:
        await client.send(BODY)
    assert raised.value.after == after


async def test_a_file_is_handed_over_as_a_form(api: Cloud, client: GraphClient, port: FakePort) -> None:
    file = port.add_file("ref", b"x" * 100_000, name="розы.png", mime="image/png")
    assert await client.upload(file, "image/png") == MEDIA_ID
    (seen,) = api.seen
    assert seen.headers["content-type"].startswith("multipart/form-data")
    assert b"x" * 100_000 in seen.body
    assert b"whatsapp" in seen.body


async def test_a_file_comes_in_two_steps_both_with_the_token(api: Cloud, client: GraphClient) -> None:
    download = await client.download(MEDIA_ID)
    assert (download.mime, download.size) == ("image/png", len(FILE))
    assert b"".join([piece async for piece in download.chunks]) == FILE
    info, file = api.seen
    assert info.query == {"phone_number_id": PHONE_ID}
    assert file.headers["authorization"] == f"Bearer {TOKEN}"


async def test_an_address_that_is_too_old_is_asked_for_again_once(api: Cloud, client: GraphClient) -> None:
    api.instead("file", says(b"", status=404))
    download = await client.download(MEDIA_ID)
    assert b"".join([piece async for piece in download.chunks]) == FILE
    assert [seen.path.rsplit("/", 1)[-1] for seen in api.seen] == [MEDIA_ID, "file", MEDIA_ID, "file"]


async def test_a_file_that_stays_away_is_an_error(api: Cloud, client: GraphClient) -> None:
    api.instead("file", says(b"", status=404), says(b"", status=404))
    download = await client.download(MEDIA_ID)
    with pytest.raises(Rejected):
        _ = [piece async for piece in download.chunks]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.example.org/x",
        "https://evilfbsbx.com/x",
        "https://example.org/x",
        "http://localhost:1/x",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
async def test_the_token_is_shown_to_no_other_host(api: Cloud, client: GraphClient, url: str) -> None:
    api.instead(MEDIA_ID, says(b'{"url": "%s"}' % url.encode()))
    download = await client.download(MEDIA_ID)
    with pytest.raises(Rejected):
        _ = [piece async for piece in download.chunks]
    assert len(api.seen) == 1


@pytest.mark.parametrize("url", ["https://lookaside.fbsbx.com/a?b=c", "https://fbsbx.com/a"])
def test_the_providers_media_hosts_are_trusted(url: str, port: FakePort) -> None:
    client = GraphClient(Config.read(Cloud(url="https://graph.example.org").config), port)
    assert str(client.media_url(url)) == url


async def test_templates_are_read_page_by_page(api: Cloud, client: GraphClient) -> None:
    names = [said.get("name") async for said in client.templates()]
    assert names == ["order_ready", "brochure", ""]
    assert [seen.query.get("after") for seen in api.seen] == [None, "one"]


async def test_every_call_is_in_the_channel_log_without_the_token(
    api: Cloud, client: GraphClient, port: FakePort
) -> None:
    await client.send(BODY)
    api.instead("messages", refuses(400, 131047))
    with pytest.raises(WindowClosed):
        await client.send(BODY)
    good, bad = port.entries
    assert (good.op, good.ok, good.status) == ("send", True, 200)
    assert "wamid.sent1" in good.response
    assert (bad.ok, bad.status) == (False, 400)
    assert bad.error.startswith("window_closed")
    assert TOKEN not in str(port.entries)


async def test_connections_are_kept_only_while_they_are_held(api: Cloud, port: FakePort) -> None:
    client = GraphClient(Config.read(api.config), port)
    await client.send(BODY)
    async with client.held():
        await client.send(BODY)
        await client.send(BODY)
    assert await client.send(BODY) == "wamid.sent4"
    first, second, third, fourth = (seen.peer for seen in api.seen)
    assert second == third
    assert len({first, second, fourth}) == 3


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_known_code_has_words_and_one_meaning(code: int) -> None:
    error = error_of(400, {"error": {"code": code, "message": "m"}})
    assert type(error) is CODES[code].error
    assert CODES[code].means
    assert error.remote_code == str(code)
    assert not (error.retryable and not error.certain), "what may have gone out is never said again"


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"error": None}, {"error": "no"}, {"error": {"code": {}}}]
)
def test_an_answer_of_any_shape_is_an_error_of_its_status(answer: Any) -> None:
    assert type(error_of(400, answer)) is Rejected
    assert type(error_of(500, answer)) is OutcomeUnknown
