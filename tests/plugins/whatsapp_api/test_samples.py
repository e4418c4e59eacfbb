"""Every published payload becomes sound events: nothing lost, nothing unrecognised that has a name."""

from __future__ import annotations

import pytest
from waba_samples import Sample, bubbles, read, samples, wanted_ids

from jackfield.channel import (
    AnyEvent,
    Call,
    ChoiceMade,
    ConversationInfo,
    Delete,
    Edit,
    FormReply,
    LimitChange,
    Message,
    Profile,
    Reaction,
    Receipt,
    SamePerson,
    System,
    TemplateState,
    Unrecognised,
    Unsupported,
)
from jackfield.testing import faults_of

SAMPLES = samples()

# What every payload of a kind must bring, by the word the collection gives it.
EVENTS: dict[str, type[AnyEvent]] = {
    "reaction": Reaction,
    "edit": Edit,
    "echo.edit": Edit,
    "echo.revoke": Delete,
    "status.sent": Receipt,
    "status.delivered": Receipt,
    "status.read": Receipt,
    "status.failed": Receipt,
    "status.RINGING": Message,
    "calls": Message,
    "field.account_update": LimitChange,
    "field.message_template_status_update": TemplateState,
    "field.message_template_quality_update": TemplateState,
    "field.template_category_update": TemplateState,
    "field.group_lifecycle_update": ConversationInfo,
    "field.group_settings_update": Message,
    "field.group_participants_update": Message,
    "field.user_preferences": Profile,
    "system.user_changed_number": SamePerson,
    "system.user_changed_user_id": Message,
    "system.customer_identity_changed": Message,
    "+username": Profile,
    "value.errors": Unrecognised,
}
PARTS: dict[str, type] = {
    "interactive.button_reply": ChoiceMade,
    "interactive.list_reply": ChoiceMade,
    "interactive.call_permission_reply": ChoiceMade,
    "interactive.nfm_reply": FormReply,
    "interactive.None": Unsupported,
    "button": ChoiceMade,
    "unsupported": Unsupported,
    "unknown": Unsupported,
    "calls": Call,
    "system.user_changed_number": System,
}


def named(sample: Sample) -> str:
    return f"{sample.id}-{'-'.join(sample.kinds)}"


def test_there_are_as_many_samples_as_the_sources_say() -> None:
    assert len(SAMPLES) == 109


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_every_payload_becomes_sound_events(sample: Sample) -> None:
    events = read(sample.aimed())
    assert events
    assert not [fault for event in events for fault in faults_of(event)]


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_every_message_is_found_by_its_id_exactly_once(sample: Sample) -> None:
    payload = sample.aimed()
    found = [message.id for message in bubbles(read(payload))]
    wanted = wanted_ids(payload)
    assert [id_ for id_ in found if id_ in wanted] == wanted


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_retry_brings_the_same_events(sample: Sample) -> None:
    assert read(sample.aimed()) == read(sample.aimed())


@pytest.mark.parametrize(
    ("sample", "kind"),
    [(s, kind) for s in SAMPLES for kind in s.kinds if kind in EVENTS],
    ids=lambda value: named(value) if isinstance(value, Sample) else str(value),
)
def test_each_kind_brings_its_event(sample: Sample, kind: str) -> None:
    assert any(isinstance(event, EVENTS[kind]) for event in read(sample.aimed()))


@pytest.mark.parametrize(
    ("sample", "kind"),
    [(s, kind) for s in SAMPLES for kind in s.kinds if kind in PARTS],
    ids=lambda value: named(value) if isinstance(value, Sample) else str(value),
)
def test_each_kind_brings_its_part(sample: Sample, kind: str) -> None:
    parts = [part for message in bubbles(read(sample.aimed())) for part in message.parts]
    assert any(isinstance(part, PARTS[kind]) for part in parts)


def test_only_what_has_no_name_is_unrecognised() -> None:
    kinds = {event.kind for s in SAMPLES for event in read(s.aimed()) if isinstance(event, Unrecognised)}
    assert kinds == {"error.12455", "error.131000", "user_id_update"}
