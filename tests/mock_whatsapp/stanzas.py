"""What the server makes of each stanza of an engine."""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .devices import Device, Group, Ticked, told_as
from .media import HOST
from .nodes import GROUP, LID, PHONE, Jid, Node, Value
from .ratchet import Bundle

if TYPE_CHECKING:
    from .connection import Connection

log = logging.getLogger("mock_whatsapp")

MEDIA = {"auth": "mock", "ttl": 300, "auth_ttl": 300, "max_buckets": 12}
DJB = b"\x05"


async def answer(link: Connection, node: Node) -> None:
    if link.server.deaf:
        return
    match node.tag:
        case "iq":
            await _asked(link, node)
        case "message":
            await _message(link, node)
        case "receipt":
            await _receipt(link, node)
        case "chatstate":
            account = link.server.account(node.jid("to"))
            if account is not None and node.children:
                account.typist = _own(link).account
                account.typing.put_nowait(node.children[0].tag)
        case "ack":
            link.server.acks.append(node)
            if link.device is not None:  # one that is being linked acknowledges too
                link.device.told.pop(told_as(node.text("class"), node), None)
        case "presence":
            link.server.presence.append(node.text("type"))
        case _:
            log.info("nothing is done about %s", node)


async def _asked(link: Connection, node: Node) -> None:
    """A question of the engine, or its answer to one of ours."""
    kind, subject = node.text("type"), node.text("xmlns")
    if kind in ("result", "error"):
        if link.attempt is not None and node.child("pair-device-sign"):
            await link.server.pairing.finish(link, node)
        return
    link.server.questions.append(subject)
    if subject == "md" and node.child("link_code_companion_reg"):
        await link.server.pairing.by_code(link, node)
        return
    if subject == "md" and node.child("remove-companion-device"):
        link.server.unlinked.append(link.device)
    await link.result(node, _told(link, node, subject))


def _told(link: Connection, node: Node, subject: str) -> list[Node] | None:
    """The content of an answer; None where none is wanted."""
    tell = TELLERS.get(subject)
    return None if tell is None else tell(link, node)


# -- keys ------------------------------------------------------------------------------------------------


def _keys(link: Connection, node: Node) -> list[Node] | None:
    device = _own(link)
    if node.child("count"):
        return [Node("count", {"value": len(device.once)})]
    if published := node.child("list"):
        for key in published.children:
            device.once[int.from_bytes(key.need("id").data, "big")] = key.need("value").data
        return None
    if wanted := node.child("key"):
        return [Node("list", {}, [_bundle(link, user.jid("jid")) for user in wanted.children])]
    return None


def _bundle(link: Connection, jid: Jid | None) -> Node:
    device = link.server.device(jid)
    if device is None:
        return Node("user", {"jid": jid}, [Node("error", {"code": "404", "text": "not found"})])
    made = device.bundle()
    parts = [
        Node("registration", {}, struct.pack(">I", made.registration)),
        Node("type", {}, DJB),
        Node("identity", {}, made.identity),
        signed_key(made),
    ]
    if made.once is not None:
        parts.append(once_key(made))
    return Node("user", {"jid": jid, "t": int(time.time())}, parts)


def signed_key(bundle: Bundle) -> Node:
    content = [
        Node("id", {}, bundle.signed_id.to_bytes(3, "big")),
        Node("value", {}, bundle.signed),
        Node("signature", {}, bundle.signature),
    ]
    return Node("skey", {}, content)


def once_key(bundle: Bundle) -> Node:
    number = (bundle.once_id or 0).to_bytes(3, "big")
    return Node("key", {}, [Node("id", {}, number), Node("value", {}, bundle.once or b"")])


# -- who is who ------------------------------------------------------------------------------------------


def _people(link: Connection, node: Node) -> list[Node]:
    asked = node.need("usync")
    wanted = {child.tag for child in asked.need("query").children}
    found = [_person(link, user, wanted) for user in asked.need("list").children]
    attrs = {name: asked.text(name) for name in ("sid", "mode", "context")}
    content = [Node("result"), Node("list", {}, found)]
    return [Node("usync", {**attrs, "index": "0", "last": "true"}, content)]


def _person(link: Connection, user: Node, wanted: set[str]) -> Node:
    number = user.child("contact")
    jid = user.jid("jid")
    if jid is None and number is not None:
        jid = Jid(number.data.decode().lstrip("+").partition("@")[0])
    account = link.server.account(jid)
    told: list[Node] = []
    if "contact" in wanted:
        told.append(Node("contact", {"type": "in" if account else "out"}, number.data if number else None))
    if account is not None and "lid" in wanted:
        told.append(Node("lid", {"val": account.jid()}))
    if account is not None and "devices" in wanted:
        listed = [Node("device", {"id": str(n), "key-index": str(n) if n else None}) for n in account.devices]
        told.append(Node("devices", {}, [Node("device-list", {"hash": "x"}, listed)]))
    if account is not None and "status" in wanted:
        told.append(Node("status", {"t": 1}, account.about.encode()))
    return Node("user", {"jid": jid}, told)


def _group(link: Connection, node: Node) -> list[Node] | None:
    if node.text("type") != "get":
        return None
    to = node.jid("to")
    group = link.server.groups.get(to.user) if to is not None else None
    if group is not None:
        return [group.described()]
    mine = [one.described() for one in link.server.groups.values() if _own(link).account in one.members]
    return [Node("groups", {}, mine)]


def _picture(link: Connection, node: Node) -> list[Node] | None:
    target = node.jid("target") or node.jid("to")
    of = link.server.groups.get(target.user) if target and target.server == GROUP else None
    pictured = of or link.server.account(target)
    if pictured is None or not pictured.picture:
        return None
    path = link.server.media.put_open(pictured.picture)
    attrs = {"id": "1", "type": "image", "url": f"https://{HOST}{path}", "direct_path": path}
    return [Node("picture", attrs)]


def _app_state(link: Connection, node: Node) -> list[Node]:
    account = _own(link).account
    told: list[Node] = []
    for wanted in node.need("sync").children:
        name = wanted.text("name")
        kept = account.state.collection(name)
        if patch := wanted.child("patch"):
            account.written += [(name, change) for change in account.state.accept(name, patch.data)]
            patches: list[Node] = []
        else:
            since = int(wanted.text("version") or 0)
            patches = [Node("patch", {}, one.SerializeToString()) for one in kept.since(since)]
        content = [Node("patches", {}, patches)] if patches else None
        told.append(Node("collection", {"name": name, "version": kept.version}, content))
    return [Node("sync", {}, told)]


def _media_host(link: Connection, node: Node) -> list[Node]:
    return [Node("media_conn", MEDIA, [Node("host", {"hostname": HOST})])]


def _privacy(link: Connection, node: Node) -> list[Node]:
    return [Node("privacy", {}, [Node("category", {"name": "last", "value": "all"})])]


def _blocked(link: Connection, node: Node) -> list[Node]:
    return [Node("list", {"dhash": "x"})]


Tell = Callable[["Connection", Node], "list[Node] | None"]
TELLERS: Mapping[str, Tell] = {
    "encrypt": _keys,
    "usync": _people,
    "w:sync:app:state": _app_state,
    "w:g2": _group,
    "w:m": _media_host,
    "privacy": _privacy,
    "blocklist": _blocked,
    "w:profile:picture": _picture,
}
"""What is asked, by its namespace."""


# -- messages --------------------------------------------------------------------------------------------


async def _message(link: Connection, node: Node) -> None:
    """Acknowledge it and hand each device what was sealed for it; or refuse it, as a test says."""
    server, mid, to = link.server, node.text("id"), node.jid("to")
    if to is None:
        raise LookupError("a message names nobody")
    error = server.rejections.popleft() if server.rejections else ""
    delivers = not error
    if error == server.SILENT_TAKEN:
        error, delivers, acknowledges = "", True, False
    elif error == server.SILENT_LOST:
        error, delivers, acknowledges = "", False, False
    else:
        acknowledges = True
    if acknowledges:
        attrs = {"class": "message", "id": mid, "from": to, "t": int(time.time()), "error": error}
        await link.send(Node("ack", attrs))
    if not delivers:
        return
    if to.server == GROUP:
        await _to_group(link, node, server.groups[to.user])
    else:
        await _to_people(link, node, to)


async def _to_people(link: Connection, node: Node, to: Jid) -> None:
    me = _own(link)
    parts = node.child("participants")
    sealed = (
        [(part.jid("jid"), part.need("enc")) for part in parts.children]
        if parts
        else [(to, node.need("enc"))]
    )
    for jid, enc in sealed:
        device = link.server.device(jid)
        if device is None or jid is None:
            log.warning("there is no device %s", jid)
            continue
        attrs: dict[str, Value] = {
            "id": node.text("id"),
            "from": me.jid(jid.server),
            "type": node.text("type"),
            "t": int(time.time()),
            "notify": me.account.name,
        }
        if device.account is me.account:
            attrs["recipient"] = to
        elif jid.server == LID:
            attrs["sender_pn"] = me.account.jid(PHONE)
        else:
            attrs["sender_lid"] = me.account.jid()
        proof = node.child("device-identity")
        await link.server.deliver(device, Node("message", attrs, [enc, *([proof] if proof else [])]), me)


async def _to_group(link: Connection, node: Node, group: Group) -> None:
    me, parts = _own(link), node.child("participants")
    given = {str(part.jid("jid")): part.need("enc") for part in parts.children} if parts else {}
    attrs: dict[str, Value] = {
        "id": node.text("id"),
        "from": group.jid,
        "participant": me.jid(),
        "participant_pn": me.account.jid(PHONE),
        "addressing_mode": "lid",
        "t": int(time.time()),
        "type": node.text("type"),
        "notify": me.account.name,
    }
    for account in group.members:
        for device in list(account.devices.values()):
            if device is me:
                continue
            key = given.get(str(device.jid())) or given.get(str(device.jid(PHONE)))
            sealed = [key, node.need("enc")] if key is not None else [node.need("enc")]
            await link.server.deliver(device, Node("message", attrs, sealed), me)


async def _receipt(link: Connection, node: Node) -> None:
    kind = node.text("type")
    attrs = {"class": "receipt", "id": node.text("id"), "from": node.attrs.get("to"), "type": kind}
    await link.send(Node("ack", attrs))
    account = link.server.account(node.jid("to"))
    if kind != "retry":
        _own(link).told.pop(told_as("message", node), None)
    if account is not None:
        more = [item.text("id") for item in node.need("list").children] if node.child("list") else []
        account.ticks.put_nowait(Ticked(kind or "delivered", (node.text("id"), *more)))


def _own(link: Connection) -> Device:
    if link.device is None:
        raise LookupError("it is not logged in")
    return link.device
