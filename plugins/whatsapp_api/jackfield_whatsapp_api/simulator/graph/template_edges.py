"""What can be done with templates beside making them: compared, unpaused, taken over, archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from jackfield_whatsapp_api.simulator import review
from jackfield_whatsapp_api.simulator.errors import GraphError, missing
from jackfield_whatsapp_api.simulator.library import LIBRARY
from jackfield_whatsapp_api.simulator.model import Account, Json, Template
from jackfield_whatsapp_api.simulator.reading import as_list

from .calls import Call
from .pages import page
from .templates import edit, find, make

AT_ONCE = 500  # templates a call takes over


async def get_compare(call: Call) -> Json:
    """How often this template and others were sent, and how people liked them, between two times."""
    template, query = find(call), call.query
    wanted = [template.id, *filter(None, query.get("template_ids", "").split(","))]
    for name in ("template_ids", "start", "end"):
        if not query.get(name):
            raise missing(name)
    start, end = (datetime.fromtimestamp(float(query[name]), UTC) for name in ("start", "end"))
    found = [call.world.state.template(one, set(call.open)) for one in wanted]
    sent = {one.id: _sends(call, one, start, end) for one in found}
    order = sorted(found, key=lambda one: review.SCORES.index(one.quality))
    return {
        "data": [
            {
                "metric": "BLOCK_RATE",
                "type": "RELATIVE",
                "order_by_relative_metric": [one.id for one in order],
            },
            {
                "metric": "MESSAGE_SENDS",
                "type": "NUMBER_VALUES",
                "number_values": [{"key": key, "value": value} for key, value in sent.items()],
            },
            {
                "metric": "TOP_BLOCK_REASON",
                "type": "STRING_VALUES",
                "string_values": [{"key": one.id, "value": "UNKNOWN_BLOCK_REASON"} for one in found],
            },
        ]
    }


def _sends(call: Call, template: Template, start: datetime, end: datetime) -> int:
    state = call.world.state
    return sum(
        said.type == "template"
        and start <= said.at <= end
        and state.numbers[said.number].account == template.account
        and (said.content["name"], said.content["language"]["code"]) == (template.name, template.language)
        for said in state.messages.values()
        if said.by == "business"
    )


async def post_unpause(call: Call) -> Json:
    """Only what was paused for its pace, and not before some minutes are over."""
    template = find(call)
    if template.status != "PAUSED":
        return {"success": False, "reason": "The template is not paused."}
    now = call.world.state.clock.now()
    if template.paused_at and now - template.paused_at < review.UNPAUSED_AFTER:
        return {"success": False, "reason": "The template was paused less than five minutes ago."}
    review.decide(call.world, template.id, "unpause")
    return {"success": True}


async def post_upsert(call: Call) -> Json:
    """The same authentication template in many languages: made where it is missing, else edited."""
    account, body = call.account(), call.json()
    languages = as_list(body.get("languages") or [], "languages")
    if not languages:
        raise missing("languages")
    if str(body.get("category", "")).upper() != "AUTHENTICATION":
        raise GraphError(100, "Only AUTHENTICATION templates can be upserted.")
    return {"data": [_upserted(call, account, {**body, "language": str(one)}) for one in languages]}


def _upserted(call: Call, account: Account, body: Json) -> Json:
    key = account.id, body.get("name"), body["language"]
    known = [
        one for one in call.world.state.templates.values() if (one.account, one.name, one.language) == key
    ]
    if known:
        edit(call.world, known[0], {"components": body.get("components")})
    template = known[0] if known else make(call.world, account, body)
    return {"id": template.id, "status": template.status, "language": template.language}


async def post_migrate(call: Call) -> Json:
    """Templates of another account are made here: those that are approved and liked, page by page."""
    account, query = call.account(), {**call.query, **(call.json() if call.body else {})}
    source = call.world.state.account(str(query.get("source_waba_id", "")), set(call.open))
    number = str(query.get("page_number", "0"))
    first = int(number) * AT_ONCE if number.isdecimal() else 0
    theirs = [one for one in call.world.state.templates.values() if one.account == source.id]
    done: list[str] = []
    failed: list[Json] = []
    for one in theirs[first : first + AT_ONCE]:
        if one.status != "APPROVED" or one.quality not in ("GREEN", "UNKNOWN"):
            failed.append({"id": one.id, "reason": "Incorrect status or quality"})
            continue
        try:
            make(call.world, account, _as_new(one))
        except GraphError as error:
            failed.append({"id": one.id, "reason": error.details or error.message})
        else:
            done.append(one.id)
    return {"migrated_templates": done, "failed_templates": failed}


def _as_new(template: Template) -> Json:
    body: Json = {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "components": template.components,
        "parameter_format": template.parameter_format,
    }
    return body | ({"message_send_ttl_seconds": template.ttl} if template.ttl else {})


async def get_library(call: Call) -> Json:
    """The provider's ready-made templates; `search`, `topic`, `language` narrow them."""
    query = call.query
    found = [
        one
        for one in LIBRARY
        if query.get("search", "").lower() in f"{one['name']} {one['body']}".lower()
        and query.get("topic", one["topic"]) == one["topic"]
        and query.get("language", one["language"]) == one["language"]
    ]
    return page(found, query, str(call.request.url.replace(query="")))


def archive(decision: str) -> Callable[[Call], Json]:
    """{"hsm_ids": "1,2"}: those that could be archived, or taken out again, and those that could not."""

    def done(call: Call) -> Json:
        account = call.account()
        given = call.json().get("hsm_ids", "")
        wanted = (
            given.split(",") if isinstance(given, str) else [str(one) for one in as_list(given, "hsm_ids")]
        )
        moved: list[str] = []
        failed: dict[str, str] = {}
        for number in filter(None, wanted):
            try:
                if call.world.state.template(number, set(call.open)).account != account.id:
                    raise ValueError("not of this account")
                review.decide(call.world, number, decision)
            except (ValueError, GraphError) as error:
                failed[number] = str(error)
            else:
                moved.append(number)
        return {f"{decision}d_templates": moved, "failed_templates": failed}

    return done


async def post_archive(call: Call) -> Json:
    return archive("archive")(call)


async def post_unarchive(call: Call) -> Json:
    return archive("unarchive")(call)
