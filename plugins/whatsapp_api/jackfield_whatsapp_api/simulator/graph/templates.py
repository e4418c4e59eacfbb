"""Templates: list, create, look up, edit, delete; with the reviews that follow by webhook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from jackfield_whatsapp_api.simulator import ids
from jackfield_whatsapp_api.simulator.account import review, template_becomes
from jackfield_whatsapp_api.simulator.errors import GraphError, invalid, missing
from jackfield_whatsapp_api.simulator.model import Json, Template
from jackfield_whatsapp_api.simulator.templates import CATEGORIES, check_components, check_new

from .calls import Call
from .pages import page, pick

_FILTERS = ("name", "language", "status", "category")


async def get_templates(call: Call) -> Json:
    """Filters name their values with commas between; `summary` counts the whole account."""
    account, query = call.account(), call.query
    own = [one.view() for one in call.world.state.templates.values() if one.account == account.id]
    found = [one for one in own if _fits(one, query)]
    url = str(call.request.url.replace(query=""))
    answer = page([pick(one, query.get("fields")) for one in found], query, url)
    if wanted := query.get("summary"):
        summary: Json = {
            "total_count": len(found),
            "message_template_count": len(own),
            "message_template_limit": call.world.settings.templates_most,
            "are_translations_complete": True,
        }
        answer["summary"] = {name: summary[name] for name in wanted.split(",") if name in summary}
    return answer


def _fits(template: Json, query: Mapping[str, str]) -> bool:
    if query.get("quality_score"):
        return False  # no template here has earned one yet
    for name in _FILTERS:
        wanted = query.get(name)
        if wanted and template[name].lower() not in wanted.lower().split(","):
            return False
    words = " ".join(str(part.get("text", "")) for part in template["components"]).lower()
    if query.get("content", "").lower() not in words:
        return False
    return query.get("name_or_content", "").lower() in f"{template['name']} {words}"


async def post_templates(call: Call) -> Json:
    account, body = call.account(), call.json()
    check_new(body)
    state = call.world.state
    own = [one for one in state.templates.values() if one.account == account.id]
    if any((one.name, one.language) == (body["name"], body["language"]) for one in own):
        raise GraphError(100, "There is already a template with this name in this language.", subcode=2388024)
    if len(own) >= call.world.settings.templates_most:
        raise GraphError(100, "The account has as many templates as it may have.", subcode=2388019)
    template = Template(
        id=ids.numeric(),
        account=account.id,
        name=str(body["name"]),
        language=str(body["language"]),
        category=str(body["category"]).upper(),
        components=list(body["components"]),
        parameter_format=str(body.get("parameter_format", "POSITIONAL")).upper(),
    )
    state.templates[template.id] = template
    call.world.crew.spawn(review(call.world, template))
    return {"id": template.id, "status": template.status, "category": template.category}


async def delete_templates(call: Call) -> Json:
    """By name all languages, with `hsm_id` one of them."""
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
        raise GraphError(100, "The template to be deleted was not found.", subcode=2593002)
    if any(one.status == "DISABLED" for one in found):
        raise GraphError(100, "A disabled template cannot be deleted.", subcode=2388094)
    for template in found:
        del state.templates[template.id]
        template_becomes(call.world, template, "PENDING_DELETION", None)
    return {"success": True}


def find(call: Call) -> Template:
    return call.world.state.template(call.id, set(call.open))


async def get_template(call: Call) -> Json:
    return pick(find(call).view(), call.query.get("fields"))


async def post_template(call: Call) -> Json:
    """Edit: the whole component list is replaced, and reviewed again."""
    template, body = find(call), call.json()
    if template.status not in ("APPROVED", "REJECTED", "PAUSED"):
        raise GraphError(100, f"A template that is {template.status} cannot be edited.", subcode=2388025)
    category = str(body.get("category") or template.category).upper()
    if category not in CATEGORIES:
        raise invalid(f"category must be one of {{{', '.join(CATEGORIES)}}}.")
    if category != template.category and template.status == "APPROVED":
        raise GraphError(100, "The category of an approved template cannot be edited.", subcode=2388025)
    components = check_components(body["components"]) if "components" in body else template.components
    _count_edit(call, template)
    template.category, template.components, template.status = category, components, "PENDING"
    call.world.crew.spawn(review(call.world, template))
    return {"success": True}


def _count_edit(call: Call, template: Template) -> None:
    """An approved template: once a day, ten times in 30 days."""
    now = call.world.state.clock.now()
    if template.status == "APPROVED":
        recent = [at for at in template.edits if now - at < timedelta(days=30)]
        if len(recent) >= 10 or any(now - at < timedelta(days=1) for at in recent):
            raise GraphError(100, "Too many edits of this template.", subcode=2388073)
    template.edits.append(now)
