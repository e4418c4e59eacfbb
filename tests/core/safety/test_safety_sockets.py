"""Nothing of a workspace is heard through another's websocket, and rights count at once on open ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from asking import COMMANDS, FRAMES, TEXT, everything, fill, nothing
from safety_world import Caller, House, Socket
from web_world import PASSWORD, make_operator
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jackfield.ids import new_id, show
from jackfield.wire.commands import AnyCommand

BESIDE: Mapping[str, Mapping[str, Any]] = {
    "reply to": {"op": "message.send", "conv": "$mine", "parts": [TEXT], "reply_to": "$message"},
    "note on": {
        "op": "message.send",
        "conv": "$mine",
        "parts": [TEXT],
        "mode": "note",
        "reply_to": "$message",
    },
    "file": {
        "op": "message.send",
        "conv": "$mine",
        "parts": [{"type": "media", "sort": "image", "ref": "$file"}],
    },
    "assign": {"op": "conv.assign", "conv": "$mine", "to": "$operator"},
    "label": {"op": "conv.label", "conv": "$mine", "add": ["$label"]},
    "unlabel": {"op": "conv.label", "conv": "$mine", "remove": ["$label"]},
    "draft": {"op": "conv.draft", "conv": "$mine", "text": "hm", "reply_to": "$message"},
    "relabel": {"op": "label.save", "ws": "$here", "id": "$label", "name": "a", "color": "#112233"},
    "merge": {"op": "contact.merge", "into": "$me", "gone": "$contact"},
    "merge into": {"op": "contact.merge", "into": "$contact", "gone": "$me"},
}
"""Commands about what is one's own, that name something else beside."""


def told(frames: list[dict[str, Any]], ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was answered, with ids by their words. Effects on what is one's own are no answer."""
    text = json.dumps([frame for frame in frames if frame["t"] not in ("ev", "eph")])
    for word, name in ids.items():
        text = text.replace(json.dumps(name), json.dumps(f"${word}"))
    found: list[dict[str, Any]] = json.loads(text)
    return [{**frame, "d": frame["d"]["type"]} if frame["t"] == "ok" else frame for frame in found]


async def alphas(house: House) -> dict[str, str]:
    """One real id of alpha's for every word."""
    for person in ("ada", "bob"):
        await house.hear(house.alpha, person)
    owner = (await house.signed_in("owner@alpha.example")).http
    ids = await everything(owner, house.alpha)
    file = await owner.post("/api/v1/media", params={"workspace": house.alpha.id}, content=b"hello")
    return {**ids, "file": file.json()["id"]}


def nowhere() -> dict[str, str]:
    return {**nothing(), "file": show("f", new_id())}


async def strangers(house: House) -> dict[str, Caller]:
    return {
        "an owner of another workspace": await house.program(house.beta.people["owner"]),
        "somebody without any workspace": await house.program(await make_operator("nobody@example.org")),
        "a token for another workspace": await house.program(
            house.alpha.people["owner"], workspace_id=house.beta.workspace
        ),
    }


def test_every_command_is_asked() -> None:
    known = {kind.__struct_config__.tag for kind in get_args(AnyCommand)}
    assert known == COMMANDS.keys()


async def test_frames_and_commands_with_anothers_ids_answer_as_with_ids_of_nothing(each_house: House) -> None:
    real = await alphas(each_house)
    before = await each_house.jackfield.store.fetch("SELECT id, seq FROM workspace ORDER BY id")
    cases = {**FRAMES, **{op: {"t": "cmd", "cid": op, "d": {"op": op, **d}} for op, d in COMMANDS.items()}}
    for who, caller in (await strangers(each_house)).items():
        answers: list[dict[str, list[dict[str, Any]]]] = []
        for ids in (real, nowhere()):
            socket = await caller.socket()
            asked = {name: await socket.answers(fill(frame, ids)) for name, frame in cases.items()}
            answers.append({name: told(frames, ids) for name, frames in asked.items()})
        assert answers[0] == answers[1], who
        refused = {name for name, said in answers[0].items() if said and said[0].get("code") == "not_found"}
        assert refused >= COMMANDS.keys() | {"open", "typing"}, who
        windows = [frame for said in answers[0].values() for frame in said if frame["t"] == "window"]
        assert len(windows) == 4
        assert all(frame.get("rows", []) == [] and frame.get("next") is None for frame in windows), who
    assert await each_house.jackfield.store.fetch("SELECT id, seq FROM workspace ORDER BY id") == before


async def test_a_command_about_ones_own_learns_nothing_of_what_else_it_names(each_house: House) -> None:
    real = await alphas(each_house)
    await each_house.hear(each_house.beta, "eve")
    beta = await each_house.program(each_house.beta.people["owner"])
    mine = (await beta.http.get("/api/v1/conversations")).json()["items"][0]
    own = {"mine": mine["id"], "me": mine["contact"], "here": each_house.beta.id}
    answers: list[dict[str, Any]] = []
    for ids in (real, nowhere()):
        socket = await beta.socket()
        frames = {
            name: {"t": "cmd", "cid": f"{name} {new_id()}", "d": fill(d, {**ids, **own})}
            for name, d in BESIDE.items()
        }
        asked = {name: await socket.answers(frame) for name, frame in frames.items()}
        named = {name: {**ids, "cid": str(frames[name]["cid"])} for name in frames}
        answers.append({name: told(said, named[name]) for name, said in asked.items()})
    assert answers[0] == answers[1]
    refused = {name for name, said in answers[0].items() if said[0].get("code") == "not_found"}
    assert refused >= BESIDE.keys() - {"unlabel", "draft"}  # to take off what is not there is done already


@pytest.mark.parametrize("kind", ["hello", "resume"])
async def test_beginning_at_anothers_position_is_like_beginning_at_nothings(house: House, kind: str) -> None:
    await alphas(house)
    ((epoch,),) = await house.jackfield.store.fetch(
        "SELECT epoch FROM workspace WHERE id = $1", house.alpha.workspace
    )
    beta = await house.program(house.beta.people["owner"])
    answers: list[list[dict[str, Any]]] = []
    for ws in (house.alpha.id, show("w", new_id())):
        socket = await beta.socket(hello=False)
        said = {"t": kind, "v": 1, "streams": {ws: {"epoch": epoch, "seq": 1}}}
        frames = told(await socket.answers(said), {"ws": ws})
        answers.append([{**frame, "sid": "", "now": 0} for frame in frames])
    assert answers[0] == answers[1]
    resets = [frame for frame in answers[0] if frame["t"] == "reset" and frame["ws"] == "$ws"]
    assert [(frame["why"], frame.get("stream")) for frame in resets] == [("rights", None)]


async def test_what_happens_in_a_workspace_is_heard_by_nobody_else(house: House) -> None:
    """Messages, typing and looking on: strangers hear their own ping only."""
    heard_by = [await caller.socket() for caller in (await strangers(house)).values()]
    colleague = await (await house.program(house.alpha.people["viewer"])).socket()
    await house.hear(house.alpha, "ada", "a secret")
    operator = await house.program(house.alpha.people["operator"])
    conversation = (await operator.http.get("/api/v1/conversations")).json()["items"][0]["id"]
    acting = await operator.socket()
    await acting.answers({"t": "open", "conv": conversation}, {"t": "typing", "conv": conversation})
    await colleague.until("eph", e="typing")
    assert "a secret" in json.dumps(colleague.heard)
    for socket in heard_by:
        assert await socket.answers() == []
        assert conversation not in json.dumps(socket.heard)


# -- rights of an open websocket -----------------------------------------------------------------------


async def labelling(socket: Socket, house: House) -> str:
    """What comes of a command that only admins may give."""
    color = {"name": f"l{new_id()}", "color": "#112233"}
    said = {"t": "cmd", "cid": str(new_id()), "d": {"op": "label.save", "ws": house.alpha.id, **color}}
    answers = [frame for frame in await socket.answers(said) if frame["t"] in ("ok", "err")]
    return str(answers[0].get("code", "ok"))


def person(house: House, role: str) -> str:
    return f"/api/v1/workspaces/{house.alpha.id}/operators/{show('o', house.alpha.people[role])}"


async def test_a_role_counts_on_an_open_websocket_at_once(each_house: House) -> None:
    owner = await each_house.signed_in("owner@alpha.example")
    socket = await (await each_house.signed_in("admin@alpha.example")).socket()
    assert await labelling(socket, each_house) == "ok"
    for role, outcome in (("viewer", "forbidden"), ("admin", "ok"), ("operator", "forbidden")):
        answer = await owner.http.patch(person(each_house, "admin"), json={"role": role})
        assert answer.status_code == 204
        assert await labelling(socket, each_house) == outcome, role


async def test_who_is_taken_out_of_a_workspace_hears_nothing_of_it_any_more(each_house: House) -> None:
    await each_house.hear(each_house.alpha, "ada")
    owner = await each_house.signed_in("owner@alpha.example")
    viewer = await each_house.signed_in("viewer@alpha.example")
    conversation = (await viewer.http.get("/api/v1/conversations")).json()["items"][0]["id"]
    socket = await viewer.socket()
    assert (await socket.answers({"t": "open", "conv": conversation}))[0]["t"] == "window"
    assert (await owner.http.delete(person(each_house, "viewer"))).status_code == 204
    reset = await socket.until("reset")
    assert (reset["ws"], reset["why"], reset.get("stream")) == (each_house.alpha.id, "rights", None)
    await each_house.hear(each_house.alpha, "ada", "a secret")
    said = await socket.answers(
        {"t": "open", "conv": conversation}, {"t": "diff", "ws": each_house.alpha.id, "seq": 0}
    )
    assert [frame["t"] for frame in said] == ["err", "reset"]
    assert "a secret" not in json.dumps(socket.heard)


REFUSED = (4003, 4403)
ENDS = ["signing out", "another sign-in here", "a new password elsewhere", "shut out", "token taken back"]


@pytest.mark.parametrize("how", ENDS)
async def test_a_websocket_ends_with_what_opened_it(house: House, how: str) -> None:
    person = await house.signed_in("admin@alpha.example")
    socket = await person.socket()
    if how == "signing out":
        assert (await person.http.post("/logout")).status_code == 204
    elif how == "another sign-in here":
        again = {"email": "admin@alpha.example", "password": PASSWORD}
        assert (await person.http.post("/login", json=again)).status_code == 200
    elif how == "a new password elsewhere":
        elsewhere = await house.signed_in("admin@alpha.example")
        staying = await elsewhere.socket()
        new = {"current": PASSWORD, "password": "another long password"}
        assert (await elsewhere.http.put("/api/v1/me/password", json=new)).status_code == 204
        assert await staying.answers() == []
    elif how == "shut out":
        staff = await house.signed_in("owner@alpha.example")
        shown = show("o", house.alpha.people["admin"])
        assert (await staff.http.post(f"/api/v1/operators/{shown}/disable")).status_code == 204
    else:
        made = (await person.http.post("/api/v1/tokens", json={"name": "robot"})).json()
        socket = await (await house.browser(Authorization=f"Bearer {made['key']}")).socket()
        taken = await person.http.delete(f"/api/v1/tokens/{made['token']['id']}")
        assert taken.status_code == 204
    assert await socket.ended() == 4009


async def test_a_page_of_another_site_gets_no_websocket_with_our_cookie(house: House) -> None:
    person = await house.signed_in("admin@alpha.example")
    for origin in ("https://evil.example", "null", f"{house.url}.evil.example", "http://127.0.0.1:1"):
        person.http.headers["Origin"] = origin
        assert await (await person.socket(hello=False)).ended() in REFUSED, origin
    del person.http.headers["Origin"]
    assert await (await person.socket(hello=False)).ended() in REFUSED


async def test_a_frame_is_neither_packed_nor_without_end(house: House) -> None:
    """What could be unpacked into gigabytes is not agreed to, and a long frame ends the session unread."""
    person = await house.program(house.alpha.people["owner"])
    key = {"Authorization": person.http.headers["Authorization"]}
    address = house.url.replace("http:", "ws:") + "/realtime"
    for size, codes in ((300_000, (4002,)), (20_000_000, (1009, 1006))):
        async with connect(address, additional_headers=key, compression="deflate") as opened:
            assert opened.protocol.extensions == []
            with suppress(ConnectionClosed):
                await opened.send("x" * size)
            async with asyncio.timeout(10):
                await opened.wait_closed()
            assert opened.close_code in codes


async def test_no_other_name_opens_a_websocket(house: House) -> None:
    """What a name that was pointed here would say."""
    at = urlsplit(house.url)
    with pytest.raises(InvalidStatus) as refused:
        async with connect("ws://evil.example/realtime", host=at.hostname, port=at.port):
            pass
    assert refused.value.response.status_code == 421
