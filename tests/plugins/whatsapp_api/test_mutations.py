"""Whatever is wrong with a payload, reading it never raises and never loses a message that has an id."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from waba_samples import bubbles, read, samples, wanted_ids

from jackfield.testing import faults_of
from jackfield_whatsapp_api.convert_in import recipients
from jackfield_whatsapp_api.payload import TooDeep, Unreadable, decode, is_list, is_node

SAMPLES = samples()
Path = tuple[str | int, ...]


def nest(value: Any) -> Any:
    for _ in range(200):
        value = {"deeper": [value]}
    return value


ODDITIES: list[Any] = [
    *(None, True, 0, -1, 10**30, 1e308, "", " ", "0", "99999999999999", "\ufffd", "x" * 5000, "US.1", [], {}),
    *([None], [[]], {"id": {}}, {"body": 1}, ["wamid.x"], "messages", "reaction", "system", "group"),
]
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
ANY: st.SearchStrategy[Any] = st.sampled_from(ODDITIES) | st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


def steps(value: Any) -> Iterable[tuple[str | int, Any]]:
    if is_node(value):
        return value.items()
    return enumerate(value) if is_list(value) else ()


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every node below the top."""
    for step, inner in steps(value):
        yield (*path, step)
        yield from paths(inner, (*path, step))


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A published payload with up to four of its nodes dropped, replaced, doubled, wrapped or nested."""
    payload: Any = draw(st.sampled_from(SAMPLES)).aimed()
    for _ in range(draw(st.integers(1, 4))):
        ways = list(paths(payload))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        parent = payload
        for step in way:
            parent = parent[step]
        match draw(st.sampled_from(["drop", "replace", "double", "wrap", "nest"])):
            case "drop":
                del parent[last]
            case "replace":
                parent[last] = copy.deepcopy(draw(ANY))  # a later step may change it
            case "double":
                parent[last] = [parent[last], parent[last]]
            case "wrap":
                parent[last] = {"wrapped": parent[last]}
            case _:
                parent[last] = nest(parent[last])
    return payload


@settings(max_examples=600, deadline=None)
@given(broken())
def test_a_broken_payload_loses_no_message(payload: Any) -> None:
    body = json.dumps(payload).encode()
    events = read(decode(body))
    assert events
    assert not [fault for event in events for fault in faults_of(event)]
    found = {message.id for message in bubbles(events)}
    assert set(wanted_ids(payload)) <= found


@settings(max_examples=300, deadline=None)
@given(broken())
def test_recipients_of_a_broken_payload_are_read_without_raising(payload: Any) -> None:
    assert all(recipients(payload))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_json_or_unreadable(body: bytes) -> None:
    try:
        value = decode(body)
    except (Unreadable, TooDeep):
        return
    events = read(value)
    assert events
    assert not [fault for event in events for fault in faults_of(event)]


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_times_are_aware_and_believable_whatever_a_payload_says(stamp: Any) -> None:
    payload = SAMPLES[0].aimed()
    payload["entry"][0]["time"] = stamp
    payload["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = stamp
    (message,) = bubbles(read(json.loads(json.dumps(payload))))
    assert message.at.tzinfo is UTC
    assert datetime(2009, 1, 1, tzinfo=UTC) <= message.at
