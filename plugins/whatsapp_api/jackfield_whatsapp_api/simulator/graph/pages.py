"""Cursor paging and choice of fields, as the Graph API does both. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Json


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error) as error:
        raise GraphError(100, "Invalid parameter: cursor is malformed or expired") from error


def page(items: Sequence[Json], query: Mapping[str, str], url: str) -> Json:
    """A page of `limit` items (25) after or before a cursor; `next` and `previous` where there is more."""
    limit = query.get("limit", "25")
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
        raise GraphError(100, "Invalid parameter: limit must be between 1 and 1000")
    size = int(limit)
    start = 0
    if after := query.get("after"):
        start = _place(after) + 1
    elif before := query.get("before"):
        start = max(_place(before) - size, 0)
    found = items[start : start + size]
    if not found:
        return {"data": []}
    first, last = _cursor(start), _cursor(start + len(found) - 1)
    paging: Json = {"cursors": {"before": first, "after": last}}
    kept = {name: value for name, value in query.items() if name not in ("after", "before", "access_token")}
    if start + len(found) < len(items):
        paging["next"] = f"{url}?{urlencode({**kept, 'after': last})}"
    if start > 0:
        paging["previous"] = f"{url}?{urlencode({**kept, 'before': first})}"
    return {"data": list(found), "paging": paging}


def pick(item: Json, fields: str | None) -> Json:
    """Only the fields asked for, and the id always. Unknown fields are left out."""
    if not fields:
        return item
    wanted = {field.split("{")[0].split(".")[0].strip() for field in split(fields)} | {"id"}
    return {name: value for name, value in item.items() if name in wanted}


def split(fields: str) -> list[str]:
    """The fields asked for. Their own parameters and subfields may have commas too."""
    found, depth = [""], 0
    for sign in fields:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += sign
    return found
