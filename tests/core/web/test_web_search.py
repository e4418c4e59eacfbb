"""Search over HTTP: what is found, for whom, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from web_world import World, make_operator

from jackfield.ids import new_id, show


async def search(api: httpx.AsyncClient, q: str, **query: str | int) -> Any:
    answer = await api.get("/api/v1/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_was_said_is_found_with_its_conversation_and_its_words(world: World) -> None:
    conv = await world.conversation(world.alpha)
    await world.hear(world.alpha, {"id": "s1", "from": "ada", "text": "Где мои заказы, please?"})
    api = await world.api(world.alpha.people["viewer"])
    page = await search(api, "заказ")
    assert page["next"] is None
    (hit,) = page["hits"]
    assert (hit["msg"]["text"], hit["msg"]["conv"], hit["conv"]["id"]) == (
        "Где мои заказы, please?",
        conv,
        conv,
    )
    assert hit["snippet"] == [{"text": "Где мои "}, {"text": "заказы", "hit": True}, {"text": ", please?"}]


async def test_filters_and_pages_go_by_the_query(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["operator"])
    for number in range(3):
        body = {"parts": [{"type": "text", "body": f"needle {number} https://x.example"}]}
        sent = await api.post(f"/api/v1/conversations/{conv}/messages", json=body)
        assert sent.status_code == 200
    await world.hear(world.alpha, {"id": "s2", "from": "ada", "text": "needle of mine"})
    first = await search(api, "needle", **{"from": "out"}, has="link", conversation=conv, limit=2)
    rest = await search(
        api, "needle", **{"from": "out"}, has="link", conversation=conv, limit=2, cursor=first["next"]
    )
    texts = [hit["msg"]["text"] for hit in [*first["hits"], *rest["hits"]]]
    assert texts == [f"needle {number} https://x.example" for number in (2, 1, 0)]
    assert rest["next"] is None
    assert (await search(api, "needle", before=1))["hits"] == []
    assert len((await search(api, "needle", after=1, channel=world.alpha.channel_id))["hits"]) == 4


async def test_everybody_finds_only_what_he_may_see(world: World) -> None:
    """The same word in two workspaces; one operator of each, and one of none."""
    for client in (world.alpha, world.beta):
        await world.conversation(client)
    for client in (world.alpha, world.beta):
        api = await world.api(client.people["operator"])
        for query in ({}, {"workspace": client.id}, {"channel": client.channel_id}):
            hits = (await search(api, "hello", **query))["hits"]
            assert [hit["msg"]["ws"] for hit in hits] == [client.id]
    nobody = await world.api(await make_operator("nobody@example.org"))
    assert await search(nobody, "hello") == {"hits": [], "next": None}


@pytest.mark.parametrize("name", ["workspace", "conversation", "channel"])
async def test_a_strangers_place_answers_as_one_that_is_not_there(world: World, name: str) -> None:
    conv = await world.conversation(world.alpha)
    theirs = {"workspace": world.alpha.id, "conversation": conv, "channel": world.alpha.channel_id}[name]
    nowhere = f"{theirs.partition('_')[0]}_{show('c', new_id()).partition('_')[2]}"
    api = await world.api(world.beta.people["owner"])
    answers = [await api.get("/api/v1/search", params={"q": "hello", name: it}) for it in (theirs, nowhere)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": ""}, "no_words"),
        ({"q": " ?! \u200b"}, "no_words"),
        ({"q": "х" * 10_000}, "invalid"),
        ({}, "invalid"),
        ({"q": "a", "from": "me"}, "invalid"),
        ({"q": "a", "has": "money"}, "invalid"),
        ({"q": "a", "after": "yesterday"}, "invalid"),
        ({"q": "a", "before": "-1"}, "invalid"),
        ({"q": "a", "before": str(1 << 62)}, "invalid"),
        ({"q": "a", "limit": "0"}, "invalid"),
        ({"q": "a", "limit": "101"}, "invalid"),
        ({"q": "a", "cursor": "!"}, "invalid"),
        ({"q": "a", "sort": "rank"}, "invalid"),
    ],
)
async def test_a_bad_question_is_refused_with_its_reason(
    site: World, query: dict[str, str], code: str
) -> None:
    api = await site.api(site.alpha.people["viewer"])
    answer = await api.get("/api/v1/search", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "typed", ['"', "hello*", "NEAR(hello", "hello\x00", "'hello'", "\\hello:*", "\ue000c1", "%"]
)
async def test_no_sign_breaks_a_search(world: World, typed: str) -> None:
    await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["viewer"])
    answer = await api.get("/api/v1/search", params={"q": typed})
    assert answer.status_code in (200, 422)


async def test_a_search_needs_somebody_who_asks(site: World) -> None:
    assert (await site.browser().get("/api/v1/search", params={"q": "hello"})).status_code == 401
