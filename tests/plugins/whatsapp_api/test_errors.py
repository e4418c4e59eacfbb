"""What is done about each of the provider's codes, and the words for it.

The rows are the actions of Meta's pages "Error codes", "Throughput", "Pair rate limit", "Per-user marketing
limits", "Business-scoped user IDs" and "Onboarding WhatsApp Business app users", as of September 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from jackfield.channel import (
    BadCredentials,
    ChannelError,
    OptedOut,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Suspended,
    Unavailable,
    Unreachable,
    WindowClosed,
)
from jackfield_whatsapp_api import limits
from jackfield_whatsapp_api.codes import (
    CODES,
    FAILED,
    MINUTE,
    PERMISSION,
    REFUSED,
    STATUSES,
    BlockedByUs,
    Experiment,
    NeedsPhone,
    NotNow,
    TemplateStopped,
)
from jackfield_whatsapp_api.errors import TROUBLE, error_of, failure, key, known, logged

ROOT = Path(__file__).parents[3]
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE


class Action(Struct, frozen=True, kw_only=True):
    """What is done about some codes. `error`: the class, or a class above it; `after`: at least so long."""

    name: str
    codes: tuple[int, ...]
    error: type[ChannelError]
    after: float = 0


ACTIONS: Sequence[Action] = (
    Action(name="again with back-off", codes=(4, 80007, 130429), error=RateLimited),
    Action(name="again, this person later", codes=(131056,), error=RateLimited, after=4),
    Action(
        name="it may have gone out",
        codes=(1, 2, 131000, 131016, 131057, 133004, 2494100),
        error=OutcomeUnknown,
    ),
    Action(name="not before a day has passed", codes=(131049,), error=NotNow, after=DAY),
    Action(name="when the enforcement ends", codes=(131064,), error=NotNow, after=DAY),
    Action(name="in ten minutes", codes=(134101,), error=Unavailable, after=10 * MINUTE),
    Action(name="in five minutes", codes=(133015,), error=Unavailable, after=5 * MINUTE),
    Action(name="when the PIN may be tried again", codes=(133008, 133009), error=Unavailable, after=MINUTE),
    Action(name="in three days", codes=(133016,), error=Unavailable, after=72 * HOUR),
    Action(name="a template instead", codes=(131047,), error=WindowClosed),
    Action(name="not this person", codes=(131026, 131021), error=Unreachable),
    Action(name="this person wants no marketing", codes=(131050,), error=OptedOut),
    Action(name="we blocked this person", codes=(130403,), error=BlockedByUs),
    Action(name="an experiment", codes=(130472,), error=Experiment),
    Action(name="by phone", codes=(131062,), error=NeedsPhone),
    Action(
        name="the number stops",
        codes=(
            131048,
            368,
            131031,
            130497,
            131042,
            134011,
            131045,
            133010,
            131037,
            133000,
            133005,
            133006,
        ),
        error=Suspended,
    ),
    Action(name="the token", codes=(0, 190, 3, 10, 200, 250, 299, 131005), error=BadCredentials),
    Action(
        name="another request",
        codes=(
            33,
            100,
            131008,
            131009,
            131051,
            131052,
            131053,
            131055,
            131063,
            132000,
            132001,
            132005,
            132007,
            132012,
            132018,
            135000,
            134100,
            134102,
        ),
        error=Rejected,
    ),
    Action(name="another template", codes=(132015, 132016, 132068, 132069), error=TemplateStopped),
    Action(
        name="another design",
        codes=(2388019, 2388039, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299),
        error=Rejected,
    ),
    Action(name="another username", codes=(147001, 147002, 147003, 147004, 147005), error=Rejected),
    Action(name="no past of the phone", codes=(2593107, 2593108, 2593109), error=Rejected),
)


EACH = [(action, code) for action in ACTIONS for code in action.codes]


def answer(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) Something", "code": code, **more}}


def catalogue(language: str) -> Mapping[str, str]:
    said: dict[str, str] = json.loads((ROOT / f"ui/locales/{language}/whatsapp_api.json").read_text())
    return said


@pytest.mark.parametrize(("action", "code"), EACH, ids=lambda value: getattr(value, "name", str(value)))
def test_a_code_is_what_is_done_about_it(action: Action, code: int) -> None:
    error = error_of(400, answer(code))
    assert isinstance(error, action.error)
    assert (error.retryable, error.certain) == (action.error.retryable, action.error.certain)
    assert error.after >= action.after
    assert (error.remote_code, error.words) == (str(code), key(known(code)))


@pytest.mark.parametrize(("action", "code"), EACH, ids=lambda value: getattr(value, "name", str(value)))
def test_a_code_says_the_same_in_a_status_and_that_it_is_over(action: Action, code: int) -> None:
    said = failure({"code": code, "title": "T", "error_data": {"details": "D"}})
    assert said.code == (known(code).error.code if action.error.certain else TROUBLE)
    assert (said.remote_code, said.text, said.words) == (str(code), "D", key(known(code)))


def test_every_code_we_know_is_in_a_row_above_or_is_not_the_cloud_apis() -> None:
    elsewhere = {17, 32, 102, 104, 613, 803, 80008}  # of the Graph API as a whole
    newer = {131030, 131061}  # of test numbers; of the marketing API
    making = {2388023, 2388024, 2388043}  # of templates: a name that is blocked, or taken; no example
    assert CODES.keys() - {code for _, code in EACH} == elsewhere | newer | making


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_code_has_words_and_advice(language: str) -> None:
    said = catalogue(language)
    found = {key(one) for one in (*CODES.values(), *STATUSES.values(), PERMISSION, FAILED, REFUSED)}
    wanted = {f"{one}{end}" for one in found for end in ("", ".advice")}
    assert not wanted - said.keys()
    assert all(said[one].strip() for one in wanted)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_words_are_left_that_no_code_has(language: str) -> None:
    found = {key(one) for one in (*CODES.values(), *STATUSES.values(), PERMISSION, FAILED, REFUSED)}
    there = {
        one.removesuffix(".advice") for one in catalogue(language) if one.startswith("whatsapp_api.error.")
    }
    assert there == found | {limits.REFUSED_HERE}


@pytest.mark.parametrize(("code", "person"), [(131056, True), (130429, False), (80007, False), (4, False)])
def test_a_limit_says_whether_it_is_one_persons(code: int, person: bool) -> None:
    error = error_of(400, answer(code))
    assert isinstance(error, RateLimited)
    assert error.conversation is person


def test_what_is_transient_may_have_gone_out_but_not_what_was_too_fast() -> None:
    assert isinstance(error_of(400, answer(131009, is_transient=True)), OutcomeUnknown)
    assert isinstance(error_of(400, answer(130429, is_transient=True)), RateLimited)


def test_a_subcode_we_know_says_more_than_its_code() -> None:
    error = error_of(400, answer(100, error_subcode=2388040))
    assert (error.remote_code, error.words) == ("2388040", "whatsapp_api.error.template_field_long")
    assert error_of(400, answer(100, error_subcode=33)).remote_code == "100"
    assert error_of(401, answer(190, error_subcode=463)).remote_code == "190"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, BadCredentials),
        (403, BadCredentials),
        (429, RateLimited),
        (404, Rejected),
        (503, OutcomeUnknown),
    ],
)
def test_an_answer_without_a_code_goes_by_its_status(status: int, error: type[ChannelError]) -> None:
    said = error_of(status, None)
    assert isinstance(said, error)
    assert said.words


def test_what_the_answers_headers_ask_for_goes_before_what_is_usual() -> None:
    assert error_of(400, answer(4), after=90).after == 90


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            error_of(400, answer(131047)),
            "window_closed 131047 (more than 24 hours since the person last wrote): (#131047) Something",
        ),
        (error_of(400, answer(987654)), "rejected: (#987654) Something"),
        (Unavailable("no connection"), "unavailable: no connection"),
    ],
)
def test_the_channel_log_says_what_a_number_means(error: ChannelError, said: str) -> None:
    assert logged(error) == said
