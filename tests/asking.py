"""Asking every endpoint of the API and every frame of the websocket, with ids that are real or look so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
from web_world import Client

from jackfield.ids import Prefix, new_id, show
from jackfield.web.api.registry import Endpoint
from jackfield.web.auth.keys import new_key

DESIGN = {"name": "hello", "language": "en", "category": "utility", "body": "Hello"}
BODIES: Mapping[str, Any] = {
    "start_conversation": {"channel": "$channel", "phone": "+79991234567"},
    "send": {"parts": [{"type": "text", "body": "hi"}]},
    "mark_read": {"pos": 1},
    "assign": {"to": "$operator"},
    "label_conversation": {"add": ["$label"]},
    "snooze": {"until": 99_999_999_999_999},
    "save_draft": {"text": "hm"},
    "command": {"op": "conv.close", "conv": "$conversation"},
    "edit": {"text": "b"},
    "react": {"emoji": "x"},
    "pin": {"days": 1},
    "save_contact": {"name": "b"},
    "merge_contacts": {"gone": "$contact"},
    "undo_merge": {"merge": "$merge"},
    "make_label": {"workspace": "$workspace", "name": "a", "color": "#112233"},
    "change_label": {"name": "a", "color": "#112233"},
    "begin_login": {"workspace": "$workspace", "kind": "whole", "flow": "form"},
    "make_invitation": {"workspace": "$workspace", "kind": "whole"},
    "submit_login": {"values": {}},
    "change_channel": {"enabled": False},
    "make_token": {"name": "t", "workspace": "$workspace"},
    "invite": {"email": "x@example.org", "name": "X"},
    "change_role": {"role": "operator"},
    "change_protection": {"per_minute": 5},
    "change_profile": {"about": "Open from nine"},
    "change_shop": {"cart": True, "visible": True},
    "make_link": {"text": "Hello"},
    "change_link": {"text": "Hello again"},
    "change_automation": {"prompts": ["Prices?"]},
    "unblock_address": {"kind": "whole", "value": "ada"},
    "create_design": DESIGN,
    "edit_design": DESIGN,
    "compare_design": {"to": ["$channel"]},
    "copy_design": {"to": ["$channel"]},
    "preview_design": {"design": DESIGN},
}
QUERIES: Mapping[str, Mapping[str, str]] = {
    "messages": {"channel": "$channel", "external_id": "$external"},
    "deliveries": {"channel": "$channel"},
    "deliveries_summary": {"channel": "$channel"},
    "templates": {"channel": "$channel"},
    "cost": {"category": "marketing"},
    "operators": {"workspace": "$workspace"},
    "counters": {"workspace": "$workspace"},
    "contacts": {"workspace": "$workspace"},
    "labels": {"workspace": "$workspace"},
    "conversations": {"workspace": "$workspace"},
    "channels": {"workspace": "$workspace"},
    "invitations": {"workspace": "$workspace"},
    "search": {"q": "hello", "conversation": "$conversation"},
    "upload": {"workspace": "$workspace", "name": "a.txt"},
}
TEXT = {"type": "text", "body": "hi"}
COMMANDS: Mapping[str, Mapping[str, Any]] = {
    "message.send": {"conv": "$conversation", "parts": [TEXT]},
    "conv.start": {"channel": "$channel", "phone": "+79991234567"},
    "message.edit": {"message": "$message", "text": "b"},
    "message.delete": {"message": "$message"},
    "message.react": {"message": "$message", "emoji": "x"},
    "message.pin": {"message": "$message", "days": 1},
    "message.retry": {"message": "$message"},
    "message.cancel": {"message": "$message"},
    "conv.read": {"conv": "$conversation", "pos": 1},
    "conv.unread": {"conv": "$conversation"},
    "conv.assign": {"conv": "$conversation", "to": "$operator"},
    "conv.label": {"conv": "$conversation", "add": ["$label"]},
    "conv.snooze": {"conv": "$conversation", "until": 99_999_999_999_999},
    "conv.close": {"conv": "$conversation"},
    "conv.reopen": {"conv": "$conversation"},
    "conv.draft": {"conv": "$conversation", "text": "hm"},
    "label.save": {"ws": "$workspace", "name": "a", "color": "#112233"},
    "label.delete": {"label": "$label"},
    "contact.save": {"contact": "$contact", "name": "b"},
    "contact.merge": {"into": "$contact", "gone": "$contact"},
    "contact.unmerge": {"merge": "$merge"},
}
FRAMES: Mapping[str, Mapping[str, Any]] = {
    "open": {"t": "open", "conv": "$conversation"},
    "open, with a position": {"t": "open", "conv": "$conversation", "have": 1},
    "close": {"t": "close", "conv": "$conversation"},
    "typing": {"t": "typing", "conv": "$conversation"},
    "typing a note": {"t": "typing", "conv": "$conversation", "mode": "note"},
    "view of a workspace": {"t": "view", "id": "1", "list": {"ws": "$workspace", "status": "all"}},
    "view of a channel": {"t": "view", "id": "1", "list": {"channel": "$channel", "status": "all"}},
    "view of an operator": {"t": "view", "id": "1", "list": {"assignee": "$operator", "status": "all"}},
    "view of a label": {"t": "view", "id": "1", "list": {"label": "$label", "status": "all"}},
    "diff": {"t": "diff", "ws": "$workspace", "seq": 0},
    "diff from afar": {"t": "diff", "ws": "$workspace", "seq": 1_000_000},
}
PREFIXES: Mapping[str, Prefix] = {
    "conversation": "c", "message": "m", "contact": "p", "label": "l", "channel": "ch",
    "operator": "o", "token": "t", "delivery": "d", "workspace": "w", "merge": "mg",
    "invitation": "iv",
}  # fmt: skip


def nothing() -> dict[str, str]:
    """Ids that look right and name nothing."""
    ids = {word: show(prefix, new_id()) for word, prefix in PREFIXES.items()}
    return ids | {"login": new_key(), "external": "none", "link": "none", "template": "none"}


async def everything(owner: httpx.AsyncClient, client: Client) -> dict[str, str]:
    """One real id of a client's for every word in a path, a query or a body. Ada and Bob have written;
    `owner` has a session."""

    async def get(path: str, **params: str) -> Any:
        answer = await owner.get(f"/api/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(path: str, **body: Any) -> Any:
        answer = await owner.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    conversation = (await get("/conversations", workspace=client.id))["items"][0]["id"]
    message = (await get(f"/conversations/{conversation}/messages"))["items"][0]
    ada, bob = (await get("/contacts", workspace=client.id))["items"]
    label = await post("/labels", workspace=client.id, name="vip", color="#112233")
    merged = await post(f"/contacts/{ada['id']}/merge", gone=bob["id"])
    token = await post("/tokens", name="robot")
    delivery = (await get("/deliveries", channel=client.channel_id))["items"][0]
    login = await post("/channels/logins", workspace=client.id, kind="whole", flow="form")
    invited = await post("/channels/invitations", workspace=client.id, kind="whole")
    return {
        "workspace": client.id,
        "channel": client.channel_id,
        "conversation": conversation,
        "message": message["id"],
        "external": message["external_id"],
        "contact": ada["id"],
        "label": label["id"],
        "merge": merged["merge"],
        "token": token["token"]["id"],
        "delivery": delivery["id"],
        "login": login["id"],
        "invitation": invited["invitation"]["id"],
        "link": "L1",
        "template": "none",
        "operator": show("o", client.people["operator"]),
    }


def fill(value: Any, ids: Mapping[str, str]) -> Any:
    """$words replaced by ids, wherever they are."""
    text = json.dumps(value)
    return json.loads(re.sub(r'"\$(\w+)"', lambda found: json.dumps(ids[found[1]]), text))


async def ask(api: httpx.AsyncClient, endpoint: Endpoint, ids: Mapping[str, str]) -> httpx.Response:
    name = endpoint.run.__name__
    path = re.sub(r"{(\w+)}", lambda found: ids[found[1]], endpoint.path)
    body = fill(BODIES.get(name, {}), ids)
    options: dict[str, Any] = {"params": fill(QUERIES.get(name, {}), ids)}
    if endpoint.body is not None:
        options["json"] = body
    if endpoint.raw:
        options["content"] = b"hello"
    return await api.request(endpoint.method, f"/api/v1{path}", **options)
