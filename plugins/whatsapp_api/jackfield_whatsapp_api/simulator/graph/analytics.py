"""Analytics of an account, as fields with parameters: `analytics.start(…).end(…).granularity(DAY)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from jackfield_whatsapp_api.simulator import counts
from jackfield_whatsapp_api.simulator.counts import Carried, Step
from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Account, Json, Said
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call
from .pages import page, split

_STEPS: dict[str, dict[str, Step]] = {
    "analytics": {"HALF_HOUR": "HALF_HOUR", "DAY": "DAILY", "MONTH": "MONTHLY"},
    "conversation_analytics": {"HALF_HOUR": "HALF_HOUR", "DAILY": "DAILY", "MONTHLY": "MONTHLY"},
    "pricing_analytics": {"HALF_HOUR": "HALF_HOUR", "DAILY": "DAILY", "MONTHLY": "MONTHLY"},
}
_DIMENSIONS = {
    "conversation_analytics": frozenset(
        {"CONVERSATION_CATEGORY", "CONVERSATION_DIRECTION", "CONVERSATION_TYPE", "COUNTRY", "PHONE"}
    ),
    "pricing_analytics": frozenset({"COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER"}),
}
_PARAMETER = re.compile(r"\.(\w+)\(([^()]*)\)")
_LOOKBACK, _TEMPLATES_LOOKBACK = timedelta(days=366), timedelta(days=90)
_TEMPLATES_AT_ONCE = 10


def asked(call: Call, account: Account) -> Json:
    """The analytics among the fields of a look at an account; empty ones are left out, as over there."""
    found: Json = {}
    for field in split(call.query.get("fields", "")):
        name = field.split(".")[0].strip()
        if name in _STEPS:
            parameters = dict(_PARAMETER.findall(field))
            points = _points(call, account, name, parameters)
            if name == "analytics":
                found[name] = _messages(parameters, points)
            elif points:
                found[name] = {"data": [{"data_points": points}]}
    return found


def _messages(parameters: Mapping[str, str], points: list[Json]) -> Json:
    phones = _listed(parameters.get("phone_numbers", ""))
    return {
        "phone_numbers": phones,
        "granularity": parameters["granularity"].strip('"'),
        "data_points": points,
    }


def _points(call: Call, account: Account, name: str, parameters: Mapping[str, str]) -> list[Json]:
    step = _STEPS[name].get(parameters.get("granularity", "").strip('"'))
    if step is None:
        raise _wrong(f"{name}: granularity must be one of {{{', '.join(_STEPS[name])}}}")
    start, end = _span(parameters, call.world, _LOOKBACK)
    phones = _listed(parameters.get("phone_numbers", ""))
    some = [one for one in carried(call.world, account, start, end) if not phones or one.phone in phones]
    if name == "analytics":
        return counts.messages(some, step)
    dimensions = frozenset(_listed(parameters.get("dimensions", "")))
    if unknown := dimensions - _DIMENSIONS[name]:
        raise _wrong(f"{name}: dimensions: {sorted(unknown)[0]} is not one of them")
    if name == "conversation_analytics":
        return counts.conversations(some, step, dimensions)
    return counts.prices(some, step, dimensions)


def _span(parameters: Mapping[str, str], world: World, lookback: timedelta) -> tuple[datetime, datetime]:
    start, end = parameters.get("start", ""), parameters.get("end", "")
    if not start.isdecimal() or not end.isdecimal() or int(start) >= int(end):
        raise _wrong("start and end must be times, the earlier one first")
    begin = datetime.fromtimestamp(int(start), UTC)
    if world.state.clock.now() - begin > lookback:
        raise _wrong(f"start must be within the last {lookback.days} days")
    return begin, datetime.fromtimestamp(int(end), UTC)


def _listed(said: str) -> list[str]:
    """`["A","B"]`, `[A,B]` and `A,B` are the same."""
    return [one for part in said.strip("[] ").split(",") if (one := part.strip(' "'))]


def _wrong(message: str) -> GraphError:
    return GraphError(100, message=f"(#100) {message}")


def carried(world: World, account: Account, start: datetime, end: datetime) -> Iterator[Carried]:
    """Every message of the account's numbers in the span that was not refused on its way."""
    state = world.state
    presses = _presses(world)
    for said in state.messages.values():
        number = state.numbers[said.number]
        ours = said.by == "business" and number.account == account.id and said.type != "reaction"
        if not ours or not start <= said.at < end or said.status == "accepted":
            continue
        customer = state.customers.get(said.user)
        yield Carried(
            at=said.at,
            phone=number.phone,
            country=customer.country if customer else "US",
            category=said.category,
            delivered=counts.delivered(said),
            read=said.status == "read",
            person=said.user,
            template=_template(world, account, said),
            clicks=presses.get(said.id, {}),
        )


def _template(world: World, account: Account, said: Said) -> str:
    if said.type != "template":
        return ""
    sent = cast("Json", said.content)
    wanted = (account.id, sent.get("name"), sent.get("language", {}).get("code"))
    for one in world.state.templates.values():
        if (one.account, one.name, one.language) == wanted:
            return one.id
    return ""


def _presses(world: World) -> dict[str, dict[str, int]]:
    """Presses of templates' buttons, by the message that offered them."""
    found: dict[str, dict[str, int]] = {}
    for said in world.state.messages.values():
        if said.type == "button" and said.reply_to:
            buttons = found.setdefault(said.reply_to, {})
            button = str(said.content.get("text", ""))
            buttons[button] = buttons.get(button, 0) + 1
    return found


async def get_templates(call: Call) -> Json:
    """`template_analytics`: only after the account agreed, ten templates at once, 90 days back."""
    account, query = call.account(), call.query
    if not account.insights:
        raise GraphError(
            100, "Template insights are not enabled for this WhatsApp Business Account.", subcode=4182001
        )
    if query.get("granularity", "").upper() != "DAILY":
        raise _wrong("granularity must be DAILY")
    ids = _listed(query.get("template_ids", ""))
    if not 1 <= len(ids) <= _TEMPLATES_AT_ONCE:
        raise _wrong(f"template_ids: {len(ids)}, from 1 to {_TEMPLATES_AT_ONCE} are allowed")
    start, end = _span(query, call.world, _TEMPLATES_LOOKBACK)
    start = counts.start_of(start, "DAILY")
    some = [one for one in carried(call.world, account, start, end) if one.template in ids]
    items = counts.templates(some)
    found = page(items, query, str(call.request.url.replace(query="")))
    data: Json = {"granularity": "DAILY", "product_type": "cloud_api", "data_points": found["data"]}
    return {**found, "data": [data]}


async def post_account(call: Call) -> Json:
    """`is_enabled_for_insights=true`: the account agrees that its templates are counted. For good."""
    account, wanted = call.account(), {**call.query, **(call.json() if call.body else {})}
    if str(wanted.get("is_enabled_for_insights", "")).lower() != "true":
        raise _wrong("Nothing to change: is_enabled_for_insights must be true.")
    account.insights = True
    return {"id": account.id}
