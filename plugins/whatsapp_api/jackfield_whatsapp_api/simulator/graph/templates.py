"""Templates: list, create, look up, edit, delete; with the reviews that follow by webhook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from jackfield_whatsapp_api.simulator import ids
from jackfield_whatsapp_api.simulator.account import review, template_becomes
from jackfield_whatsapp_api.simulator.errors import GraphError, invalid, missing
from jackfield_whatsapp_api.simulator.library import ready_made
from jackfield_whatsapp_api.simulator.model import Account, Json, Template
from jackfield_whatsapp_api.simulator.reading import as_list, part, parts
from jackfield_whatsapp_api.simulator.review import reads_otherwise
from jackfield_whatsapp_api.simulator.templates import (
    CATEGORIES,
    check_components,
    check_new,
    check_ttl,
    wrong,
)
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call
from .pages import page, pick

_FILTERS = ("name", "language", "status", "category")
NAME_BLOCKED = timedelta(days=30)
A_HOUR = 100  # creations of an account

# Subcodes of the errors of managing.
FULL, NO_CHANGE, BEING_DELETED, EXISTS, NOT_FOUND, NOT_DELETABLE = (
    2388019, 2388039, 2388023, 2388024, 2593002, 2388094,
)  # fmt: skip


async def get_templates(call: Call) -> Json:
    """Filters name their values with commas between; `summary` counts the whole account."""
    account, query = call.account(), call.query
    own = [one for one in call.world.state.templates.values() if one.account == account.id]
    found = [one for one in own if _fits(one, query)]
    url = str(call.request.url.replace(query=""))
    answer = page([seen(call.world, one, query.get("fields")) for one in found], query, url)
    if wanted := query.get("summary"):
        summary: Json = {
            "total_count": len(found),
            "message_template_count": len(own),
            "message_template_limit": call.world.settings.templates_most,
            "are_translations_complete": True,
        }
        answer["summary"] = {name: summary[name] for name in wanted.split(",") if name in summary}
    return answer


def seen(world: World, template: Template, fields: str | None) -> Json:
    """A template as it is listed: the files of headers are addresses; its score is there if asked for."""
    found = template.view() | {"components": [_with_addresses(world, one) for one in template.components]}
    if "quality_score" in (fields or ""):
        found["quality_score"] = template.score
    return pick(found, fields)


def _with_addresses(world: World, component: Json) -> Json:
    if cards := parts(component, "cards"):
        inner = [[_with_addresses(world, one) for one in parts(card, "components")] for card in cards]
        return component | {"cards": [{"components": one} for one in inner]}
    handles = as_list(part(component, "example").get("header_handle") or [], "header_handle")
    known = [world.state.handles[str(one)] for one in handles if str(one) in world.state.handles]
    if not known:
        return component
    urls = [f"{world.url}/examples/{upload.id.partition(':')[2]}" for upload in known]
    return component | {"example": {"header_handle": urls}}


def _fits(template: Template, query: Mapping[str, str]) -> bool:
    shown = template.view()
    for name in _FILTERS:
        wanted = query.get(name)
        if wanted and shown[name].lower() not in wanted.lower().split(","):
            return False
    if (score := query.get("quality_score")) and template.quality not in score.upper().split(","):
        return False
    words = " ".join(str(part.get("text", "")) for part in template.components).lower()
    if query.get("content", "").lower() not in words:
        return False
    return query.get("name_or_content", "").lower() in f"{template.name} {words}"


async def post_templates(call: Call) -> Json:
    account, body = call.account(), call.json()
    if library := body.get("library_template_name"):
        body = ready_made(str(library), str(body.get("language", ""))) | body
    template = make(call.world, account, body)
    return {"id": template.id, "status": template.status, "category": template.category}


def make(world: World, account: Account, body: Json) -> Template:
    """Take a new template in for review. Raises GraphError where the provider would not."""
    check_new(body)
    state, now = world.state, world.state.clock.now()
    name, language = str(body["name"]), str(body["language"])
    own = [one for one in state.templates.values() if one.account == account.id]
    if any((one.name, one.language) == (name, language) for one in own):
        raise wrong(EXISTS, "There is already a template with this name in this language.")
    until = state.blocked_names.get((account.id, name, language))
    if until is not None and now < until:
        raise wrong(BEING_DELETED, f"This name cannot be used in {language} until {until:%Y-%m-%d}.")
    if len(own) >= world.settings.templates_most:
        raise wrong(FULL, "The account has as many templates as it may have.")
    recent = [at for at in state.creations[account.id] if now - at < timedelta(hours=1)]
    if len(recent) >= A_HOUR:
        raise GraphError(80008, "Too many templates were made in this hour.")
    state.creations[account.id] = [*recent, now]
    template = Template(
        id=ids.numeric(),
        account=account.id,
        name=name,
        language=language,
        category=str(body["category"]).upper(),
        components=list(body["components"]),
        parameter_format=str(body.get("parameter_format", "POSITIONAL")).upper(),
        sub_category=str(body.get("sub_category", "")),
        library=str(body.get("library_template_name", "")),
        ttl=body.get("message_send_ttl_seconds"),
    )
    state.templates[template.id] = template
    world.crew.spawn(review(world, template))
    return template


async def delete_templates(call: Call) -> Json:
    """By name all languages, with `hsm_id` one of them. The name of what was approved is blocked then."""
    account, query = call.account(), call.query
    name, only = query.get("name"), query.get("hsm_id")
    if not name:
        raise missing("name")
    state = call.world.state
    found = [
        one
        for one in state.templates.values()
        if one.account == account.id and one.name == name and only in (None, one.id)
    ]
    if not found:
        raise wrong(NOT_FOUND, "The template to be deleted was not found.")
    if any(one.status == "DISABLED" for one in found):
        raise wrong(NOT_DELETABLE, "A disabled template cannot be deleted.")
    for template in found:
        if template.status in ("APPROVED", "FLAGGED", "PAUSED"):
            blocked = account.id, template.name, template.language
            state.blocked_names[blocked] = state.clock.now() + NAME_BLOCKED
        if _under_way(call.world, template):
            template_becomes(call.world, template, "PENDING_DELETION", None)
            continue
        del state.templates[template.id]
        template_becomes(call.world, template, "DELETED", None)
    return {"success": True}


def _under_way(world: World, template: Template) -> bool:
    """Whether a message of it has not arrived yet."""
    return any(
        said.type == "template"
        and said.status in ("accepted", "sent")
        and said.content.get("name") == template.name
        and world.state.numbers[said.number].account == template.account
        for said in world.state.messages.values()
        if said.by == "business"
    )


def find(call: Call) -> Template:
    return call.world.state.template(call.id, set(call.open))


async def get_template(call: Call) -> Json:
    return seen(call.world, find(call), call.query.get("fields"))


async def post_template(call: Call) -> Json:
    """Edit: the whole component list is replaced, and reviewed again."""
    edit(call.world, find(call), call.json())
    return {"success": True}


def edit(world: World, template: Template, body: Json) -> None:
    if template.status not in ("APPROVED", "FLAGGED", "REJECTED", "PAUSED") or template.locked:
        raise wrong(NO_CHANGE, f"A template that is {template.status} cannot be edited.")
    category = str(body.get("category") or template.category).upper()
    if category not in CATEGORIES:
        raise invalid(f"category must be one of {{{', '.join(CATEGORIES)}}}.")
    if category != template.category and template.status == "APPROVED":
        raise wrong(NO_CHANGE, "The category of an approved template cannot be edited.")
    check_ttl(body, category)
    components = template.components
    if "components" in body:
        components = check_components(body["components"], category)
    _count_edit(world, template)
    template.category, template.components, template.status = category, components, "PENDING"
    template.ttl = body.get("message_send_ttl_seconds", template.ttl)
    if "components" in body:
        reads_otherwise(world, template)
    world.crew.spawn(review(world, template))


def _count_edit(world: World, template: Template) -> None:
    """An approved template: once a day, ten times in 30 days."""
    now = world.state.clock.now()
    if template.status in ("APPROVED", "FLAGGED"):
        recent = [at for at in template.edits if now - at < timedelta(days=30)]
        if len(recent) >= 10 or any(now - at < timedelta(days=1) for at in recent):
            raise wrong(NO_CHANGE, "Too many edits of this template.")
        template.edits.append(now)
