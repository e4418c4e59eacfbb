"""Nothing of a workspace is seen from another: every endpoint, asked by strangers with real ids."""

from __future__ import annotations

from typing import Any

import asking
import httpx
import msgspec
import pytest
from asking import BODIES, ask, fill, nothing
from web_world import World, make_operator

from jackfield.ids import new_id, show
from jackfield.store.rows import FileRow
from jackfield.web.api.routes import endpoints
from jackfield.web.works import AddFile

OWN = {"me", "change_me", "change_password", "workspaces", "make_workspace", "kinds", "tokens"}
"""Endpoints that name nothing of anybody's."""

STAFF = {"sign_in_link", "disable_operator"}
"""Refused to everybody who is not of the agency, before anything is looked up."""


async def everything(world: World) -> dict[str, str]:
    """One real id of alpha's for every word in a path, a query or a body."""
    await world.conversation(world.alpha, "ada")
    await world.conversation(world.alpha, "bob")
    return await asking.everything(await world.signed_in("owner@alpha.example"), world.alpha)


def shown(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json() if answer.content else None


async def test_what_is_anothers_answers_as_if_it_did_not_exist(world: World) -> None:
    real = await everything(world)
    before = await world.store.fetch("SELECT id, seq FROM workspace ORDER BY id")
    strangers = {
        "an owner of another workspace": await world.api(world.beta.people["owner"]),
        "somebody without any workspace": await world.api(await make_operator("nobody@example.org")),
    }
    for who, api in strangers.items():
        for endpoint in endpoints():
            name = endpoint.run.__name__
            if name in OWN:
                continue
            answer, empty = await ask(api, endpoint, real), await ask(api, endpoint, nothing())
            case = f"{who}: {endpoint.method} {endpoint.path}"
            assert shown(answer) == shown(empty), case
            assert answer.status_code == (403 if name in STAFF or _no_token(name) else 404), case
    assert await world.store.fetch("SELECT id, seq FROM workspace ORDER BY id") == before


FILTERS = {
    "workspace": "$workspace", "channel": "$channel", "conversation": "$conversation", "label": "$label",
    "assignee": "$operator", "before": "$message", "after": "$message", "around": "$message",
}  # fmt: skip
NEEDED = {"search": {"q": "hello"}, "messages": {"channel": "$channel", "external_id": "$external"}}


async def test_a_filter_by_what_is_anothers_is_one_by_nothing(world: World) -> None:
    """Each alone, wherever a list of one's own may be narrowed."""
    real = await everything(world)
    await world.conversation(world.beta, "eve")
    beta = await world.api(world.beta.people["owner"])
    mine = (await beta.get("/api/v1/conversations")).json()["items"][0]["id"]
    asked = set[tuple[str, str]]()
    for endpoint in endpoints():
        if endpoint.method != "GET" or endpoint.query is None:
            continue
        name, path = endpoint.run.__name__, endpoint.path.replace("{conversation}", mine)
        for word in FILTERS.keys() & set(endpoint.query.__struct_encode_fields__):
            query = {**NEEDED.get(name, {}), word: FILTERS[word]}
            answers = [await beta.get(f"/api/v1{path}", params=fill(query, ids)) for ids in (real, nothing())]
            assert shown(answers[0]) == shown(answers[1]), (path, word)
            asked.add((name, word))
    assert {("search", "workspace"), ("search", "channel"), ("conversations", "assignee")} <= asked


async def test_the_owner_finds_what_a_stranger_does_not(world: World) -> None:
    """The other half of the test before: its ids are real, and its requests are good ones."""
    real = await everything(world)
    owner = await world.signed_in("owner@alpha.example")
    last = ("remove_channel", "undo_merge", "disable_operator")
    ordered = sorted(endpoints(), key=lambda e: (e.run.__name__ in last, e.method == "DELETE"))
    for endpoint in ordered:
        if endpoint.run.__name__ not in OWN | {"cancel_login"}:  # waiting has ended it
            answer = await ask(owner, endpoint, real)
            assert answer.status_code in (200, 204, 409, 422), f"{endpoint.path}: {answer.text}"
            assert answer.status_code != 422 or endpoint.run.__name__ in MAY_BE_INVALID, answer.text


MAY_BE_INVALID = {"merge_contacts", "submit_login"}
"""A contact is not merged with itself; a form may be filled in wrongly."""


def _no_token(name: str) -> bool:
    """What no API token may do, whatever it names."""
    return name in {"make_token", "revoke_token"}


async def test_a_stranger_with_a_session_learns_no_more_about_tokens(world: World) -> None:
    real = await everything(world)
    beta = await world.signed_in("owner@beta.example")
    for name in ("make_token", "revoke_token"):
        (endpoint,) = [found for found in endpoints() if found.run.__name__ == name]
        answer, empty = await ask(beta, endpoint, real), await ask(beta, endpoint, nothing())
        assert shown(answer) == shown(empty)
        assert answer.status_code == 404


async def test_every_endpoint_with_a_body_is_asked_with_a_good_one() -> None:
    """Else a 422 would hide what the endpoint does."""
    for endpoint in endpoints():
        name = endpoint.run.__name__
        if endpoint.body is None or name in OWN:
            continue
        made = fill(BODIES[name], nothing())
        msgspec.convert(made, endpoint.body)


async def test_lists_show_ones_own_only(world: World) -> None:
    await world.conversation(world.alpha)
    mine = await world.conversation(world.beta)
    beta = await world.api(world.beta.people["owner"])
    listed = (await beta.get("/api/v1/conversations")).json()["items"]
    assert [row["id"] for row in listed] == [mine]
    channels = (await beta.get("/api/v1/channels")).json()["items"]
    assert [channel["ws"] for channel in channels] == [world.beta.id]


async def test_a_file_is_seen_from_its_workspace_only(world: World) -> None:
    row = FileRow(id=new_id(), workspace_id=world.alpha.workspace, state="pending", created_at=1)
    await world.store.writer.do(AddFile(workspace=world.alpha.workspace, file=row))
    owner = await world.api(world.alpha.people["operator"])
    query = {"workspace": world.alpha.id, "name": "a.txt"}
    made = (await owner.post("/api/v1/media", params=query, content=b"hello")).json()
    beta = await world.api(world.beta.people["owner"])
    cases = [made["url"], f"/media/{show('f', row.id)}", f"/media/{show('f', new_id())}", "/media/x"]
    answers = [await beta.get(path) for path in cases]
    assert {str(shown(answer)) for answer in answers} == {str(shown(answers[0]))}
    assert answers[0].status_code == 404
    assert (await world.browser().get(made["url"])).status_code == 401
    assert (await owner.get(made["url"])).content == b"hello"


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
async def test_a_role_allows_so_much_and_no_more(site: World, role: str) -> None:
    needs = {
        "setup": "admin", "channel_log": "admin", "change_channel": "admin", "remove_channel": "admin",
        "begin_login": "admin", "invite": "admin", "deliveries": "operator", "delivery": "operator",
        "raw": "operator", "templates": "operator", "upload": "operator", "send": "operator",
        "replay": "operator", "assign": "operator", "conversations": "viewer", "thread": "viewer",
        "conversation": "viewer", "counters": "viewer", "operators": "viewer", "contacts": "viewer",
        "protection": "operator", "change_protection": "admin", "pause_channel": "admin",
        "resume_channel": "admin", "invitations": "admin", "make_invitation": "admin",
        "revoke_invitation": "admin",
    }  # fmt: skip
    rank = ["viewer", "operator", "admin"]
    real = await everything(site)
    api = await site.api(site.alpha.people[role])
    for endpoint in sorted(endpoints(), key=lambda found: found.run.__name__ == "remove_channel"):
        least = needs.get(endpoint.run.__name__)
        if least is not None:
            answer = await ask(api, endpoint, real)
            allowed = rank.index(role) >= rank.index(least)
            assert (answer.status_code != 403) == allowed, (endpoint.path, answer.text)
            assert answer.status_code < 500, answer.text
