"""Inbound: a person with another number or another id goes on in the same conversation."""

from __future__ import annotations

from typing import Any

import pytest
from waba_samples import SCOPE, change, numbered, read

from jackfield.channel import Address, Message, Profile, Receipt, SamePerson, System

OLD, NEW = Address(kind="phone", value="+16505551234"), Address(kind="phone", value="+12195555358")
ONE = Address(kind="bsuid", value="US.1", scope=SCOPE)
TWO = Address(kind="bsuid", value="US.2", scope=SCOPE)
PARENT = Address(kind="bsuid", value="US.ENT.1", scope=SCOPE)
PARENT_TWO = Address(kind="bsuid", value="US.ENT.2", scope=SCOPE)
NOBODY: dict[str, Any] = {"from": None}

Moves = list[tuple[Address, ...]]


def told(item: dict[str, Any], system: dict[str, Any]) -> tuple[list[SamePerson], Message]:
    """A system message, as the provider sends it: without contacts."""
    whole = {"id": "wamid.s", "timestamp": "1750000000", "type": "system", "system": system, **item}
    item = {key: value for key, value in whole.items() if value is not None}
    *moves, line = read(change("messages", numbered(messages=[item])))
    assert isinstance(line, Message)
    assert all(isinstance(move, SamePerson) for move in moves)
    return [move for move in moves if isinstance(move, SamePerson)], line


@pytest.mark.parametrize(
    ("item", "system", "moves", "goes_on"),
    [
        pytest.param(
            {"from": "16505551234"},
            {"type": "user_changed_number", "wa_id": "12195555358", "user_id": "US.2"},
            [(OLD, TWO, NEW)],
            "bsuid:US.2",
            id="a new number, and with it a new BSUID",
        ),
        pytest.param(
            {"from": "16505551234", "from_user_id": "US.1"},
            {"type": "user_changed_number", "wa_id": "12195555358", "user_id": "US.2"},
            [(ONE, TWO, NEW), (OLD, TWO, NEW)],
            "bsuid:US.2",
            id="both are left",
        ),
        pytest.param(
            {"from": "16505551234"},
            {"type": "user_changed_number", "wa_id": "12195555358"},
            [(OLD, NEW)],
            "phone:+12195555358",
            id="a new number of somebody without a BSUID",
        ),
        pytest.param(
            {"from": "16505551234"},
            {"type": "user_changed_user_id", "user_id": "US.2", "previous_user_id": "US.1"},
            [(ONE, TWO, OLD)],
            "bsuid:US.2",
            id="a new BSUID, the phone stays",
        ),
        pytest.param(
            NOBODY,
            {"type": "user_changed_user_id", "user_id": "US.2", "previous_user_id": "US.1"},
            [(ONE, TWO)],
            "bsuid:US.2",
            id="a new BSUID of somebody who hides the phone",
        ),
        pytest.param(
            NOBODY,
            {
                "type": "user_changed_user_id",
                "parent_user_id": "US.ENT.2",
                "previous_parent_user_id": "US.ENT.1",
            },
            [(PARENT, PARENT_TWO)],
            "bsuid:US.ENT.2",
            id="only the portfolio above us says who it is",
        ),
        pytest.param(
            {"from": "16505551234"},
            {"type": "customer_changed_number", "new_wa_id": "12195555358"},
            [(OLD, NEW)],
            "phone:+12195555358",
            id="as it was said until 2023",
        ),
        pytest.param(
            NOBODY,
            {"type": "customer_changed_number", "customer": "16505551234", "wa_id": "12195555358"},
            [(OLD, NEW)],
            "phone:+12195555358",
            id="the customer is named inside",
        ),
        pytest.param(
            {"from": "16505551234", "from_user_id": "US.1"},
            {"type": "customer_identity_changed", "identity": "h"},
            [],
            "bsuid:US.1",
            id="another device is the same person",
        ),
    ],
)
def test_a_person_who_changes_goes_on_in_one_thread(
    item: dict[str, Any], system: dict[str, Any], moves: Moves, goes_on: str
) -> None:
    found, line = told(item, system)
    assert [move.known_as for move in found if move.moved] == moves
    assert line.conversation == goes_on
    assert all(move.conversation == goes_on for move in found if move.moved)
    (part,) = line.parts
    assert isinstance(part, System)


def test_a_change_says_which_conversation_it_was_known_as() -> None:
    (move,), _ = told({"from": "16505551234"}, {"type": "user_changed_number", "wa_id": "12195555358"})
    assert (move.was, move.conversation) == ("phone:+16505551234", "phone:+12195555358")


@pytest.mark.parametrize(
    ("item", "contact", "addresses", "conversation"),
    [
        ({"from_user_id": "US.1"}, {"user_id": "US.1"}, (ONE,), "bsuid:US.1"),
        ({"from": "16505551234"}, {"wa_id": "16505551234"}, (OLD,), "phone:+16505551234"),
        (
            {"from": "16505551234", "from_user_id": "US.1"},
            {"user_id": "US.1", "wa_id": "16505551234"},
            (ONE, OLD),
            "bsuid:US.1",
        ),
        ({"from": "16505551234"}, {"user_id": "US.1", "wa_id": "16505551234"}, (ONE, OLD), "bsuid:US.1"),
        ({}, {"user_id": "US.1"}, (ONE,), "bsuid:US.1"),
        ({"from_parent_user_id": "US.ENT.1"}, {"parent_user_id": "US.ENT.1"}, (PARENT,), "bsuid:US.ENT.1"),
        (
            {"from_user_id": "US.1", "from_parent_user_id": "US.ENT.1"},
            {"user_id": "US.1", "parent_user_id": "US.ENT.1"},
            (ONE,),
            "bsuid:US.1",
        ),
    ],
)
def test_who_writes_is_known_by_what_is_there(
    item: dict[str, Any], contact: dict[str, Any], addresses: tuple[Address, ...], conversation: str
) -> None:
    said = {"id": "wamid.1", "timestamp": "1750000000", "type": "text", "text": {"body": "x"}, **item}
    events = read(change("messages", numbered(contacts=[contact], messages=[said])))
    (found,) = (event for event in events if isinstance(event, Message))
    assert (found.sender.addresses, found.conversation) == (addresses, conversation)


@pytest.mark.parametrize("profile", [{"username": "ada"}, {"name": "Ada", "username": "ada"}])
def test_a_username_is_learnt_from_any_message(profile: dict[str, str]) -> None:
    said = {"id": "wamid.1", "timestamp": "1", "type": "text", "text": {"body": "x"}, "from_user_id": "US.1"}
    contacts = [{"user_id": "US.1", "profile": profile}]
    events = read(change("messages", numbered(contacts=contacts, messages=[said])))
    assert [event.attributes for event in events if isinstance(event, Profile)] == [{"username": "ada"}]


@pytest.mark.parametrize(
    ("who", "person"),
    [
        ({"recipient_user_id": "US.1"}, (ONE,)),
        ({"recipient_id": "16505551234"}, (OLD,)),
        ({"recipient_id": "16505551234", "recipient_user_id": "US.1"}, (ONE, OLD)),
        ({"recipient_parent_user_id": "US.ENT.1"}, (PARENT,)),
        ({"parent_recipient_user_id": "US.ENT.1"}, (PARENT,)),
    ],
)
def test_whose_status_it_is_is_said_in_many_ways(who: dict[str, str], person: tuple[Address, ...]) -> None:
    said = {"id": "wamid.1", "status": "sent", "timestamp": "1750000000", **who}
    (receipt,) = read(change("messages", numbered(statuses=[said])))
    assert isinstance(receipt, Receipt)
    assert receipt.person == person


def test_an_old_field_says_the_same() -> None:
    item = {
        "wa_id": "16505551234",
        "user_id": {"previous": "US.1", "current": "US.2"},
        "timestamp": "1750000000",
    }
    (move,) = read(change("user_id_update", numbered(user_id_update=[item])))
    assert isinstance(move, SamePerson)
    assert (move.known_as[0], move.moved) == (ONE, True)
