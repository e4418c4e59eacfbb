"""Published webhook payloads of the Cloud API, and a few lines to make and read one."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct
from waba_cloud import PHONE_ID, WABA_ID

from jackfield.channel import AnyEvent, HistoryChunk, Message
from jackfield_whatsapp_api.convert_in import Account, convert
from jackfield_whatsapp_api.ids import Scope
from jackfield_whatsapp_api.payload import Node, is_list, is_node

FILE = Path(__file__).parent / "plugins/whatsapp_api/data/webhooks.jsonl"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SCOPE = Scope("portfolio")
ACCOUNT = Account(
    phone_number_id=PHONE_ID, waba_id=WABA_ID, scope=SCOPE, display_phone_number="+1 555-078-3881"
)
NOT_A_BUBBLE = {"reaction", "edit", "revoke", "system"}

Json = dict[str, Any]


class Sample(Struct, frozen=True, kw_only=True):
    id: str
    kinds: tuple[str, ...]
    payload: Json

    def aimed(self) -> Json:
        """The payload as if it had been sent to our number."""
        payload = copy.deepcopy(self.payload)
        for entry in payload["entry"]:
            entry["id"] = WABA_ID
            for change in entry["changes"]:
                if "metadata" in change["value"]:
                    change["value"]["metadata"]["phone_number_id"] = PHONE_ID
        return payload


def samples() -> list[Sample]:
    rows = map(json.loads, FILE.read_text().splitlines())
    return [Sample(id=row["id"], kinds=tuple(row["kinds"]), payload=row["payload"]) for row in rows]


def sample(id_: str) -> Json:
    return next(found for found in samples() if found.id == id_).aimed()


def read(payload: object) -> tuple[AnyEvent, ...]:
    return convert(payload, ACCOUNT, NOW)


def change(field: str, value: object, *, waba: str = WABA_ID, **entry: Any) -> Json:
    """A payload with one change."""
    one = {"field": field, "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": [one], **entry}]}


def numbered(**value: Any) -> Json:
    """A change's value, with the number it came to."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": PHONE_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **value}


def message(**content: Any) -> Json:
    """A payload with one message of a person with a phone."""
    item = {"from": "16505551234", "id": "wamid.one", "timestamp": "1750000000", **content}
    contacts = [{"wa_id": "16505551234", "profile": {"name": "Ada"}}]
    return change("messages", numbered(contacts=contacts, messages=[item]))


def bubbles(events: tuple[AnyEvent, ...]) -> list[Message]:
    """Every message among the events, history too."""
    found: list[Message] = []
    for event in events:
        if isinstance(event, Message):
            found.append(event)
        elif isinstance(event, HistoryChunk):
            found.extend(event.messages)
    return found


def wanted_ids(payload: object) -> list[str]:
    """The ids that must be found as messages, whatever else is wrong with the payload."""
    wanted: list[str] = []
    for entry in _dicts(payload, "entry"):
        for one in _dicts(entry, "changes"):
            value = one.get("value")
            field = one.get("field", "messages")
            if field not in ("messages", "standby") or not is_node(value):
                continue
            number = value.get("metadata")
            if is_node(number) and number.get("phone_number_id") not in (None, PHONE_ID):
                continue
            said = value.get("standby", value) if field == "standby" else value
            lists = [_dicts(one, "messages") for one in (said if is_list(said) else [said])]
            for item in chain(*lists):
                kind = item.get("type")
                bubble = not isinstance(kind, str) or kind not in NOT_A_BUBBLE
                own = item.get("id")
                if isinstance(own, str) and 0 < len(own) <= 300 and bubble:
                    wanted.append(own)
    return wanted


def _dicts(parent: object, key: str) -> list[Node]:
    items = parent.get(key) if is_node(parent) else None
    return [item for item in items if is_node(item)] if is_list(items) else []
