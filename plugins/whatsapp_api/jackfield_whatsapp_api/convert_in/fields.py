"""What each field a webhook can carry is about, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import UNSET, UnsetType

from jackfield.channel import AnyEvent, Profile
from jackfield_whatsapp_api.errors import sentence
from jackfield_whatsapp_api.payload import Node, listed, name, node

from . import account, calls, coexistence, groups, handover, people_updates, templates
from .ground import Convert, Ground, each, unknown
from .messages import inbound
from .statuses import status

ABOUT_US = frozenset({"messaging_product", "metadata", "contacts"})  # read for every field


def messages(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `messages`: messages, statuses, errors; people who only show themselves."""
    yield from each("messages", value.get("messages"), ground, inbound)
    yield from each("statuses", value.get("statuses"), ground, status)
    yield from _errors(value, ground)
    yield from _profiles(value, ground)
    for key in value.keys() - ABOUT_US - {"messages", "statuses", "errors"}:
        yield unknown(f"messages.{name(key)}", {key: value[key]}, ground)


def all_calls(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    yield from each("calls", value.get("calls"), ground, calls.call)
    yield from each("calls.statuses", value.get("statuses"), ground, calls.call_status)
    yield from _errors(value, ground)


def _errors(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """Errors that belong to no message: the provider could not tell us something."""
    for error in listed(value.get("errors")):
        said = node(error)
        code = name(said.get("code"))
        yield unknown(f"error.{code}" if code else "error", error, ground, sentence(said)[:300])


def _profiles(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """Usernames; and names, where no message says them already."""
    silent = not listed(value.get("messages")) and not listed(value.get("statuses"))
    for who in ground.book.people:
        known: str | UnsetType = who.name if silent else UNSET
        attributes = {"username": who.username} if who.username else {}
        if attributes or known is not UNSET:
            yield Profile(
                at=ground.at,
                person=who.addresses(ground.account.scope),
                name=known,
                attributes=attributes,
            )


FIELDS: Mapping[str, Convert] = {
    "messages": messages,
    "calls": all_calls,
    "smb_message_echoes": coexistence.echoes,
    "message_echoes": coexistence.echoes,
    "history": coexistence.history,
    "smb_app_state_sync": coexistence.app_state,
    "standby": handover.standby,
    "messaging_handovers": handover.handovers,
    "user_preferences": people_updates.preferences,
    "user_id_update": people_updates.user_ids,
    "group_lifecycle_update": groups.groups,
    "group_participants_update": groups.groups,
    "group_settings_update": groups.groups,
    "group_status_update": groups.groups,
    "message_template_status_update": templates.template_status,
    "message_template_quality_update": templates.template_quality,
    "message_template_components_update": templates.template_components,
    "template_category_update": templates.template_category,
    "template_correct_category_detection": templates.template_detected,
    "phone_number_quality_update": account.number_quality,
    "phone_number_name_update": account.number_name,
    "business_capability_update": account.capability,
    "account_update": account.account_update,
    "account_review_update": account.account_review,
    "account_alerts": account.account_alert,
    "account_settings_update": account.settings,
    "flows": account.flow,
    "partner_solutions": account.partner_solution,
    "payment_configuration_update": account.payment_configuration,
    "security": account.security,
    "business_username_update": account.username,
    "business_username_updates": account.username,
}
"""A field that is not here is kept as `field.<name>`."""
