"""The review of templates: what may follow on what, and the webhook that tells it.

A decision is a person's, through the control API; only the first approval comes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from .account import tells_account, template_becomes
from .model import Json, Template
from .templates import component
from .world import World

PAUSES = ("FIRST_PAUSE", "SECOND_PAUSE")
UNPAUSED_AFTER = timedelta(minutes=5)
SCORES = ("GREEN", "YELLOW", "RED", "UNKNOWN")


class Step(NamedTuple):
    """From which statuses a decision leads where. `event`: what the webhook calls it, if not the status."""

    before: frozenset[str]
    status: str
    event: str = ""


STEPS: Mapping[str, Step] = {
    "approve": Step(frozenset({"PENDING", "IN_APPEAL"}), "APPROVED"),
    "reject": Step(frozenset({"PENDING", "IN_APPEAL"}), "REJECTED"),
    "flag": Step(frozenset({"APPROVED"}), "FLAGGED"),
    "pause": Step(frozenset({"APPROVED", "FLAGGED"}), "PAUSED"),
    "unpause": Step(frozenset({"PAUSED"}), "APPROVED"),
    "disable": Step(frozenset({"APPROVED", "FLAGGED", "PAUSED"}), "DISABLED"),
    "reinstate": Step(frozenset({"FLAGGED", "PAUSED", "DISABLED"}), "APPROVED", "REINSTATED"),
    "appeal": Step(frozenset({"REJECTED", "DISABLED"}), "IN_APPEAL"),
    "archive": Step(frozenset({"APPROVED", "PAUSED", "REJECTED"}), "ARCHIVED"),
    "unarchive": Step(frozenset({"ARCHIVED"}), "APPROVED", "UNARCHIVED"),
    "delete": Step(frozenset({"PENDING_DELETION"}), "DELETED"),
}


def decide(world: World, template_id: str, decision: str, reason: str | None = "NONE") -> Template:
    """Raises ValueError for a decision there is none of, or that cannot follow on where it stands."""
    template, step = found(world, template_id), STEPS.get(decision)
    if step is None:
        raise ValueError(f"no such decision: {decision!r}; there are {', '.join(STEPS)}")
    if template.status not in step.before:
        raise ValueError(f"a template that is {template.status} cannot be subject to {decision!r}")
    more: Json = {}
    if decision == "pause":
        template.paused_at = world.state.clock.now()
        title = PAUSES[min(template.pauses, len(PAUSES) - 1)]
        template.pauses += 1
        more = {"other_info": {"title": title, "description": "People complained of this template."}}
    if decision == "disable":
        more = {"disable_info": {"disable_date": int(world.state.clock.now().timestamp())}}
    if decision == "delete":
        del world.state.templates[template.id]
    template_becomes(world, template, step.status, reason, event=step.event, **more)
    return template


def lock(world: World, template_id: str, *, locked: bool) -> None:
    """It stands as it stood, and cannot be edited."""
    template = found(world, template_id)
    template.locked = locked
    template_becomes(world, template, template.status, None, event="LOCKED" if locked else "UNLOCKED")


def score(world: World, template_id: str, quality: str) -> None:
    """How people like it. Raises ValueError for a score that is none."""
    template = found(world, template_id)
    if quality not in SCORES:
        raise ValueError(f"no such score: {quality!r}; there are {', '.join(SCORES)}")
    before, template.quality = template.quality, quality
    template.scored_at = world.state.clock.now()
    value = {**about(template), "previous_quality_score": before, "new_quality_score": quality}
    tells_account(world, template.account, "message_template_quality_update", value)


def recategorise(world: World, template_id: str, category: str, *, impending: bool) -> None:
    """The provider finds another category right: in a day, or now."""
    template = found(world, template_id)
    if impending:
        template.correct_category = category
        value = {"correct_category": category, "new_category": template.category}
    else:
        value = {"previous_category": template.category, "new_category": category}
        template.previous_category, template.category = template.category, category
        template.correct_category = ""
    tells_account(world, template.account, "template_category_update", {**about(template), **value})


def detect(world: World, template_id: str, category: str) -> None:
    """The provider thinks another category would be right, and changes nothing."""
    template = found(world, template_id)
    value = {**about(template), "correct_category": category, "category": template.category}
    tells_account(world, template.account, "template_correct_category_detection", value)


def reads_otherwise(world: World, template: Template) -> None:
    """Its components are others now."""
    header, footer = component(template, "HEADER"), component(template, "FOOTER")
    value: Json = {
        **about(template),
        "message_template_element": str(component(template, "BODY").get("text", "")),
    }
    if header.get("text"):
        value["message_template_title"] = header["text"]
    if footer.get("text"):
        value["message_template_footer"] = footer["text"]
    if buttons := component(template, "BUTTONS").get("buttons"):
        value["message_template_buttons"] = [
            {
                "message_template_button_type": button.get("type"),
                "message_template_button_text": button.get("text"),
            }
            for button in buttons
        ]
    tells_account(world, template.account, "message_template_components_update", value)


def about(template: Template) -> Json:
    """Which template. Its id is a number in webhooks."""
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def found(world: World, template_id: str) -> Template:
    template = world.state.templates.get(template_id)
    if template is None:
        raise ValueError(f"no such template: {template_id!r}")
    return template
