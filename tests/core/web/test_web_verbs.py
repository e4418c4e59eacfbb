"""The verbs over HTTP: said, stored, shown, and done once however often they are sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from web_world import World

from jackfield.ids import new_id, show
from jackfield.store.rows import ChannelRow, ChannelValueRow, MessageRow


async def ok(answer: httpx.Response) -> Any:
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else None


async def test_a_message_is_answered_noted_and_shown_in_order(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["operator"])
    path = f"/api/v1/conversations/{conv}/messages"
    said = await ok(await api.post(path, json={"parts": [{"type": "text", "body": "hi"}]}))
    assert (said["type"], len(said["messages"])) == ("sent", 1)
    note = {"parts": [{"type": "text", "body": "rude"}], "mode": "note"}
    await ok(await api.post(path, json=note))
    thread = await ok(await api.get(path))
    assert [(m["dir"], m["text"]) for m in thread["items"]] == [
        ("in", "hello"),
        ("out", "hi"),
        ("note", "rude"),
    ]
    assert (thread["before"], thread["after"]) == (False, False)
    assert thread["items"][1]["parts"] == [{"type": "text", "body": "hi"}]
    one = await ok(await api.get(f"/api/v1/messages/{said['messages'][0]}"))
    assert one == thread["items"][1]


async def test_the_same_key_sends_once(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["operator"])
    path = f"/api/v1/conversations/{conv}/messages"
    key = {"Idempotency-Key": "order-17"}
    body = {"parts": [{"type": "text", "body": "hi"}]}
    first, second = [await ok(await api.post(path, json=body, headers=key)) for _ in range(2)]
    assert first["messages"] == second["messages"]
    other = await api.post(path, json={"parts": [{"type": "text", "body": "ho"}]}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "cid_used")
    out = await world.store.rows(MessageRow, "WHERE dir = 'out'")
    assert len(out) == 1


async def test_what_cannot_be_sent_is_said_before_and_after(site: World) -> None:
    conv = await site.conversation(site.alpha)
    api = await site.api(site.alpha.people["operator"])
    assert (await ok(await api.get(f"/api/v1/conversations/{conv}/can_send")))["ok"] is True
    path = f"/api/v1/conversations/{conv}/messages"
    long = await api.post(path, json={"parts": [{"type": "text", "body": "x" * 200}]})
    assert (long.status_code, long.json()["code"]) == (422, "too_long")
    viewer = await site.api(site.alpha.people["viewer"])
    refused = await ok(await viewer.get(f"/api/v1/conversations/{conv}/can_send"))
    assert refused["ok"] is False


async def test_the_workflow_of_a_conversation(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["operator"])
    path = f"/api/v1/conversations/{conv}"
    admin = await world.api(world.alpha.people["admin"])
    label = await ok(
        await admin.post(
            "/api/v1/labels", json={"workspace": world.alpha.id, "name": "vip", "color": "#112233"}
        )
    )
    me = show("o", world.alpha.people["operator"])
    await ok(await api.post(f"{path}/assign", json={"to": me}))
    await ok(await api.post(f"{path}/labels", json={"add": [label["id"]]}))
    await ok(await api.post(f"{path}/read", json={"pos": 1}))
    await ok(await api.put(f"{path}/draft", json={"text": "dear"}))
    row = await ok(await api.get(path))
    assert (row["assignee"], row["labels"]) == (me, [label["id"]])
    assert "unread" not in row  # 0 is left out
    assert [mark["operator"] for mark in row["drafts"]] == [me]
    await ok(await api.post(f"{path}/unread"))
    assert (await ok(await api.get(path)))["marked_unread"] is True
    await ok(await api.post(f"{path}/snooze", json={"until": 99_999_999_999_999}))
    assert (await ok(await api.get(path)))["status"] == "snoozed"
    await ok(await api.post(f"{path}/reopen"))
    await ok(await api.post(f"{path}/close"))
    assert (await ok(await api.get(path)))["status"] == "closed"
    counters = await ok(await api.get("/api/v1/counters", params={"workspace": world.alpha.id}))
    assert counters["open"] == 0
    await ok(await api.post("/api/v1/commands", json={"op": "conv.reopen", "conv": conv}))
    assert (await ok(await api.get(path))).get("status", "open") == "open"


async def test_folders_show_what_belongs_in_them_page_by_page(world: World) -> None:
    for number in range(5):
        await world.conversation(world.alpha, f"person{number}")
    api = await world.api(world.alpha.people["operator"])
    everything = (await ok(await api.get("/api/v1/conversations")))["items"]
    me = show("o", world.alpha.people["operator"])
    mine = everything[2]["id"]
    await ok(await api.post(f"/api/v1/conversations/{mine}/assign", json={"to": me}))

    async def folder(**query: str) -> list[str]:
        page = await ok(await api.get("/api/v1/conversations", params=query))
        return [row["id"] for row in page["items"]]

    assert await folder(assignee="me") == [mine]
    assert await folder(assignee=me) == [mine]
    assert len(await folder(assignee="none")) == 4
    assert len(await folder(unread="true", channel=world.alpha.channel_id)) == 5
    assert await folder(status="closed") == []
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(3):
        page = await ok(await api.get("/api/v1/conversations", params={"limit": "2", **after}))
        seen += [row["id"] for row in page["items"]]
        after = {"after": page["next"] or ""}
    assert after == {"after": ""}
    assert sorted(seen) == sorted(row["id"] for row in everything)


@pytest.mark.parametrize("after", ["x", "AAAA", "%%%", "", "A" * 500])
@pytest.mark.parametrize(
    "path", ["conversations?workspace=$ws", "contacts?workspace=$ws", "channels/$ch/log?"]
)
async def test_a_cursor_that_is_none_is_refused(site: World, path: str, after: str) -> None:
    api = await site.api(site.alpha.people["admin"])
    path = path.replace("$ws", site.alpha.id).replace("$ch", site.alpha.channel_id)
    answer = await api.get(f"/api/v1/{path}&after={after}")
    assert answer.status_code == 422, answer.text


async def test_a_thread_is_read_from_any_side(world: World) -> None:
    await world.hear(world.alpha, *({"id": f"m{n}", "from": "ada", "text": str(n)} for n in range(7)))
    conv = await world.conversation(world.alpha, "ada")
    api = await world.api(world.alpha.people["viewer"])

    async def thread(**query: str) -> tuple[str, bool, bool]:
        found = await ok(await api.get(f"/api/v1/conversations/{conv}/messages", params=query))
        texts = "".join("h" if m["text"] == "hello" else m["text"] for m in found["items"])
        return texts, found["before"], found["after"]

    newest = await ok(await api.get(f"/api/v1/conversations/{conv}/messages"))
    ids = [m["id"] for m in newest["items"]]
    assert await thread() == ("0123456h", False, False)
    assert await thread(limit="3") == ("56h", True, False)
    assert await thread(before=ids[5], limit="3") == ("234", True, True)
    assert await thread(after=ids[5], limit="3") == ("6h", True, False)
    around = await thread(around=ids[3], limit="3")
    assert "3" in around[0]
    both = await api.get(f"/api/v1/conversations/{conv}/messages", params={"before": ids[1], "after": ids[1]})
    assert both.status_code == 422


async def test_the_conversations_of_a_person_are_his(world: World) -> None:
    ada, eve = await world.conversation(world.alpha, "ada"), await world.conversation(world.alpha, "eve")
    await world.conversation(world.beta, "ada")
    api = await world.api(world.alpha.people["viewer"])
    for conv in (ada, eve):
        person = (await ok(await api.get(f"/api/v1/conversations/{conv}")))["contact"]
        page = await ok(await api.get(f"/api/v1/contacts/{person}/conversations"))
        assert ([row["id"] for row in page["items"]], page["next"]) == ([conv], None)
    stranger = await world.api(world.beta.people["owner"])
    assert (await stranger.get(f"/api/v1/contacts/{person}/conversations")).status_code == 404
    assert len((await ok(await stranger.get("/api/v1/contacts")))["items"]) == 1


async def test_people_are_found_named_merged_and_parted(world: World) -> None:
    await world.conversation(world.alpha, "ada")
    await world.conversation(world.alpha, "eve")
    api = await world.api(world.alpha.people["operator"])
    people = (await ok(await api.get("/api/v1/contacts", params={"workspace": world.alpha.id})))["items"]
    one, two = (person["id"] for person in people)
    body = {"name": "Ада Лавлейс", "attributes": {"city": "London"}}
    await ok(await api.patch(f"/api/v1/contacts/{one}", json=body))
    query = {"workspace": world.alpha.id, "q": "ада"}
    found = (await ok(await api.get("/api/v1/contacts", params=query)))["items"]
    assert [person["id"] for person in found] == [one]
    await ok(await api.patch(f"/api/v1/contacts/{one}", json={"attributes": {"city": None}}))
    assert (await ok(await api.get(f"/api/v1/contacts/{one}")))["attributes"] == {}
    assert [p["id"] for p in (await ok(await api.get("/api/v1/contacts", params={"q": "ада"})))["items"]] == [
        one
    ]
    admin = await world.api(world.alpha.people["admin"])
    merged = await ok(await admin.post(f"/api/v1/contacts/{one}/merge", json={"gone": two}))
    assert len((await ok(await api.get(f"/api/v1/contacts/{one}")))["identities"]) == 2
    await ok(await admin.post("/api/v1/contacts/unmerge", json={"merge": merged["merge"]}))
    assert len((await ok(await api.get(f"/api/v1/contacts/{one}")))["identities"]) == 1


async def test_a_channel_is_connected_step_by_step(world: World) -> None:
    told: list[bytes] = []
    world.parts.bus.subscribe("channels", told.append)
    admin = await world.api(world.alpha.people["admin"])
    kinds = (await ok(await admin.get("/api/v1/kinds")))["items"]
    assert [(kind["name"], kind["logins"]) for kind in kinds] == [("whole", {"form": "whole.login.form"})]
    body = {"workspace": world.alpha.id, "kind": "whole", "flow": "form"}
    begun = await ok(await admin.post("/api/v1/channels/logins", json=body))
    assert begun["step"]["type"] == "ask"
    path = f"/api/v1/channels/logins/{begun['id']}"
    empty = await ok(await admin.post(f"{path}/submit", json={"values": {}}))
    assert empty["step"]["errors"] == {"app_secret": "missing"}
    shown = await ok(await admin.post(f"{path}/submit", json={"values": {"app_secret": "x"}}))
    assert shown["step"]["type"] == "show"
    done = await ok(await admin.post(f"{path}/wait"))
    assert (done["step"]["type"], done["step"]["config"]) == ("done", {})
    channels = (await ok(await admin.get("/api/v1/channels")))["items"]
    assert done["channel"] in [channel["id"] for channel in channels]
    (row,) = await world.store.rows(ChannelRow, "WHERE external_id = $1", "line-1")
    assert "sesame" not in row.config + row.secrets
    assert world.store.box.open(row.secrets, about=f"channel:{row.id}") == '{"app_secret":"open sesame 1"}'
    assert told == [b'{"channel":%d}' % row.id]
    again = await admin.post(f"{path}/wait")
    assert again.status_code == 404


async def login(api: httpx.AsyncClient, workspace: str, **more: str) -> httpx.Response:
    """All steps of a login at once."""
    body = {"workspace": workspace, "kind": "whole", "flow": "form", **more}
    begun = await ok(await api.post("/api/v1/channels/logins", json=body))
    path = f"/api/v1/channels/logins/{begun['id']}"
    await ok(await api.post(f"{path}/submit", json={"values": {"app_secret": "x"}}))
    return await api.post(f"{path}/wait")


async def test_an_address_has_one_channel_and_goes_where_it_is_needed(world: World) -> None:
    alpha = await world.api(world.alpha.people["admin"])
    beta = await world.api(world.beta.people["admin"])
    first = (await ok(await login(alpha, world.alpha.id)))["channel"]
    taken = await login(beta, world.beta.id)
    assert (taken.status_code, taken.json()["code"]) == (409, "channel_exists")
    renewed = await ok(await login(alpha, world.alpha.id, again=first))
    assert renewed["channel"] == first
    assert (await alpha.delete(f"/api/v1/channels/{first}")).status_code == 204
    back = await ok(await login(alpha, world.alpha.id))
    assert back["channel"] == first  # with its conversations
    await alpha.delete(f"/api/v1/channels/{first}")
    moved = await ok(await login(beta, world.beta.id))
    assert moved["channel"] != first
    rows = await world.store.rows(ChannelRow, "WHERE external_id LIKE 'line-1%' ORDER BY id")
    assert [(row.workspace_id, row.removed_at is None) for row in rows] == [
        (world.alpha.workspace, False),
        (world.beta.workspace, True),
    ]


async def test_what_a_login_puts_aside_becomes_the_channels_own(site: World) -> None:
    class Keeping:
        def __init__(self, port: Any) -> None:
            self.port = port

        async def start(self, again: Any = None) -> Any:
            from jackfield.channel import Done

            await self.port.put("keys", b"\x00\x01")
            return Done(name="Kept", external_id="kept-1", config={})

        async def cancel(self) -> None: ...

    site.parts.plugins.kinds["whole"]._login = Keeping  # type: ignore[attr-defined]  # the test's own kind
    admin = await site.api(site.alpha.people["admin"])
    body = {"workspace": site.alpha.id, "kind": "whole", "flow": "form"}
    done = await ok(await admin.post("/api/v1/channels/logins", json=body))
    (row,) = await site.store.rows(ChannelValueRow, "WHERE key = 'keys'")
    assert (show("ch", row.channel_id), row.value) == (done["channel"], b"\x00\x01")


async def test_a_login_can_be_given_up(site: World) -> None:
    admin = await site.api(site.alpha.people["admin"])
    body = {"workspace": site.alpha.id, "kind": "whole", "flow": "form"}
    begun = await ok(await admin.post("/api/v1/channels/logins", json=body))
    path = f"/api/v1/channels/logins/{begun['id']}"
    colleague = await site.api(site.alpha.people["owner"])
    assert (await colleague.post(f"{path}/submit", json={"values": {}})).status_code == 404
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.delete(path)).status_code == 404
    for wrong in ({"kind": "nothing"}, {"flow": "nothing"}):
        assert (await admin.post("/api/v1/channels/logins", json=body | wrong)).status_code == 422


async def test_a_channel_is_renamed_switched_off_and_explained(site: World) -> None:
    admin = await site.api(site.alpha.people["admin"])
    path = f"/api/v1/channels/{site.alpha.channel_id}"
    setup = await ok(await admin.get(f"{path}/setup"))
    assert setup == {
        "webhook": f"http://127.0.0.1:8000/hooks/{site.alpha.channel_id}",
        "shared": "http://127.0.0.1:8000/hooks/whole",
        "config": {"line": "line-alpha"},
    }
    changed = await ok(await admin.patch(path, json={"name": "Shop", "enabled": False}))
    assert (changed["name"], changed["enabled"], changed["state"]) == ("Shop", False, "stopped")
    templates = await ok(await admin.get("/api/v1/templates", params={"channel": site.alpha.channel_id}))
    assert [template["name"] for template in templates["items"]] == ["hello"]
    assert (await ok(await admin.get(f"{path}/log")))["items"] == []


async def test_the_log_of_a_channel_is_read_in_pages(world: World) -> None:
    from jackfield.store.tables import ChannelLog

    for number in range(3):
        await ChannelLog.create(
            id=new_id(),
            workspace_id=world.alpha.workspace,
            channel_id=world.alpha.channel,
            at=number,
            op="send",
            ok=number != 1,
        )
    admin = await world.api(world.alpha.people["admin"])
    path = f"/api/v1/channels/{world.alpha.channel_id}/log"
    first = await ok(await admin.get(path, params={"limit": 2}))
    rest = await ok(await admin.get(path, params={"limit": 2, "after": first["next"]}))
    assert [entry["ok"] for entry in first["items"] + rest["items"]] == [True, False, True]
    assert rest["next"] is None


async def test_the_agency_makes_workspaces_and_lets_people_in_and_out(world: World) -> None:
    agency = await world.signed_in("owner@alpha.example")
    made = await ok(await agency.post("/api/v1/workspaces", json={"name": "Gamma", "color": "#aabbcc"}))
    names = [ws["name"] for ws in (await ok(await agency.get("/api/v1/workspaces")))["items"]]
    assert names == ["Gamma", "alpha.example"]
    assert (await ok(await agency.get("/api/v1/counters", params={"workspace": made["id"]}))) == {}
    forgot = show("o", world.beta.people["owner"])
    link = (await ok(await agency.post(f"/api/v1/operators/{forgot}/link")))["link"]
    guest = world.browser()
    assert (await guest.get(link)).status_code == 303
    assert (await guest.get("/api/v1/me")).status_code == 200
    assert (await agency.post(f"/api/v1/operators/{forgot}/disable")).status_code == 204
    assert (await guest.get("/api/v1/me")).status_code == 401
    me = show("o", world.alpha.people["owner"])
    assert (await agency.post(f"/api/v1/operators/{me}/disable")).status_code == 422
