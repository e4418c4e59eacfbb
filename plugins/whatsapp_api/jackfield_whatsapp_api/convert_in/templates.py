"""News of templates: fields about one template of the account, whichever number it came to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from jackfield.channel import AnyEvent, TemplateState
from jackfield_whatsapp_api.payload import Node, need_text, node, text
from jackfield_whatsapp_api.templates.words import NO_STANDING, QUALITY, standing

from .ground import Ground


def template_status(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """message_template_status_update. `reason` may be null, or the word NONE; what it is about may stand
    beside it. Of what is only locked or taken from the archive the listing says how it stands."""
    event = need_text(value, "event").upper()
    known = event not in NO_STANDING
    yield replace(
        _template(value, ground),
        state=event.lower(),
        standing=standing(event) if known else None,
        reason=_reason(value),
        category=text(value.get("message_template_category")).lower(),
        changed=not known,
    )


def template_quality(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    score = need_text(value, "new_quality_score")
    yield replace(_template(value, ground), quality=QUALITY.get(score.upper(), score.lower()))


def template_category(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """template_category_update. `correct_category`: it is about to become this one, and `new_category` is
    what it still is; without it `new_category` is what it has become."""
    now, soon = text(value.get("new_category")), text(value.get("correct_category"))
    if not now and not soon:
        need_text(value, "new_category")
    yield replace(_template(value, ground), category=now.lower(), next_category=soon.lower())


def template_detected(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """template_correct_category_detection: the provider thinks another category is right."""
    right = text(value.get("correct_category")) or need_text(value, "category")
    yield replace(_template(value, ground), next_category=right.lower(), reason="category_detected")


def template_components(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """message_template_components_update: only some of its words are said, so it is listed again."""
    yield replace(_template(value, ground), reason="components_changed", changed=True)


def _template(value: Node, ground: Ground) -> TemplateState:
    return TemplateState(
        at=ground.at,
        id=need_text(value, "message_template_id"),
        name=text(value.get("message_template_name")),
        language=text(value.get("message_template_language")),
        state="",
        account=ground.account.waba_id,
    )


def _reason(value: Node) -> str:
    reason, more = text(value.get("reason")), node(value.get("other_info"))
    rejected = node(value.get("rejection_info"))
    found = (
        "" if reason == "NONE" else reason,
        text(rejected.get("reason")),
        text(rejected.get("recommendation")),
        text(more.get("title")),
        text(more.get("description")),
    )
    return ": ".join(dict.fromkeys(filter(None, found)))
