"""The forms of a login, what can be seen of a wrong answer without asking anybody, and who is to blame."""

from __future__ import annotations

from collections.abc import Container, Generator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import structs
from yarl import URL

from jackfield.channel import Ask, BadCredentials, ChannelError, Field, Rejected

from .codes import REFUSED
from .codes import WORDS as CODE_WORDS
from .config import FIELDS
from .portfolio import Waba

KEY = "whatsapp_api.login."
STEPS = STEP, BUSINESS, NUMBER, NEW, ASK_CODE, CODE, REGISTER, HOOK, DASHBOARD, WAITING, PAST, RENEW = (
    "whatsapp_api.credentials",
    "whatsapp_api.business",
    "whatsapp_api.number",
    "whatsapp_api.new_number",
    "whatsapp_api.request_code",
    "whatsapp_api.verify_code",
    "whatsapp_api.register",
    "whatsapp_api.hook",
    "whatsapp_api.dashboard",
    "whatsapp_api.waiting",
    "whatsapp_api.past",
    "whatsapp_api.renew",
)
MISSING, NOT_NUMBER, NOT_URL, NOT_PIN, NOT_CHOICE = (
    f"{KEY}{end}" for end in ("missing", "not_number", "not_url", "not_pin", "not_choice")
)
WORDS = (
    "no_scopes",
    "no_messaging",
    "no_management",
    "no_accounts",
    "no_such_number",
    "no_such_waba",
    "other_number",
    "taken_here",
    "taken_elsewhere",
    "wrong_secret",
    "wrong_code",
    "not_reached",
    "add_number",
    "sms",
    "voice",
    "hook_number",
    "hook_account",
    "hook_dashboard",
)
"""What stands behind KEY for what is wrong, and for choices."""
NAMES = (
    "number",
    "account",
    "country_code",
    "local_number",
    "verified_name",
    "code_method",
    "language",
    "code",
    "another_code",
    "pin",
    "new_pin",
    "hook",
    "callback",
    "bring_past",
)
"""Fields of the steps that are no part of the configuration."""
NUMERIC = ("phone_number_id", "waba_id", "business_id", "country_code", "local_number")
PINS = ("pin", "new_pin")
ADD = "new"  # the choice that is no number yet

CONFIG = {field.name: field for field in FIELDS}
PIN = Field(name="pin", type="password", secret=True)
NEW_PIN = Field(name="new_pin", type="password", secret=True, required=False)
TOKEN, SECRET = CONFIG["access_token"], CONFIG["app_secret"]
PLACE = tuple(
    CONFIG[key] for key in ("business_id", "marketing_api", "api_base", "api_version") if key in CONFIG
)


class Mistake(Exception):
    """What is wrong with the form: field ("" for the whole) → words, or their key in the catalogue."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def credentials(known: Mapping[str, str]) -> Ask:
    """A token and the ids of one number. What is known and secret is not asked for again."""
    secrets = () if known else (TOKEN, SECRET)
    return Ask(
        step=STEP, fields=with_values((CONFIG["phone_number_id"], CONFIG["waba_id"], *secrets, *PLACE), known)
    )


def business() -> Ask:
    """A token that opens accounts: the numbers come from there."""
    return Ask(step=BUSINESS, fields=(TOKEN, SECRET, *PLACE))


def renew() -> Ask:
    """A new token for a channel that is there; the secret only if it changed."""
    secret = structs.replace(SECRET, required=False)
    return Ask(step=RENEW, fields=(TOKEN, secret, NEW_PIN))


def number(wabas: Sequence[Waba], hidden: frozenset[str]) -> Ask:
    """The numbers of all accounts but those that are connected here already."""
    several = len(wabas) > 1
    labels = {
        f"{waba.id}/{one.id}": f"{one.label} · {waba.name or waba.id}" if several else one.label
        for waba in wabas
        for one in waba.numbers
        if one.id not in hidden
    } | {ADD: f"{KEY}add_number"}
    field = Field(name="number", type="select", choices=tuple(labels), labels=labels)
    return Ask(step=NUMBER, fields=(field,))


def new_number(wabas: Sequence[Waba]) -> Ask:
    labels = {waba.id: waba.name or waba.id for waba in wabas}
    return Ask(
        step=NEW,
        fields=(
            Field(name="account", type="select", choices=tuple(labels), labels=labels, default=wabas[0].id),
            Field(name="country_code"),
            Field(name="local_number"),
            Field(name="verified_name"),
        ),
    )


def ask_code() -> Ask:
    labels = {"SMS": f"{KEY}sms", "VOICE": f"{KEY}voice"}
    way = Field(name="code_method", type="select", choices=tuple(labels), labels=labels, default="SMS")
    return Ask(step=ASK_CODE, fields=(way, Field(name="language", default="en_US")))


def code() -> Ask:
    another = Field(name="another_code", type="switch", required=False)
    return Ask(step=CODE, fields=(Field(name="code", required=False), another))


def register() -> Ask:
    return Ask(step=REGISTER, fields=(PIN,))


def hook(*, on_phone: bool) -> Ask:
    """Where the number's webhooks are to go. One on a phone has its PIN there."""
    labels = {way: f"{KEY}hook_{way}" for way in ("number", "account", "dashboard")}
    way = Field(name="hook", type="select", choices=tuple(labels), labels=labels, default="number")
    return Ask(step=HOOK, fields=(way,) if on_phone else (way, NEW_PIN))


def dashboard(address: str, verify_token: str) -> Ask:
    """What a person has to enter in the provider's dashboard."""
    return Ask(
        step=DASHBOARD,
        fields=(
            Field(name="callback", type="url", required=False, default=address),
            Field(name="verify_token", default=verify_token),
        ),
    )


def past() -> Ask:
    return Ask(step=PAST, fields=(Field(name="bring_past", type="switch", required=False, default="1"),))


def with_values(fields: Sequence[Field], typed: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields with what was typed; nothing secret is sent back."""
    return tuple(
        field
        if field.secret
        else structs.replace(
            field, default=typed.get(field.name, "") or ("" if _is_off(field, typed) else field.default)
        )
        for field in fields
    )


def _is_off(field: Field, typed: Mapping[str, str]) -> bool:
    return field.type == "switch" and field.name in typed


def answers(ask: Ask, values: Mapping[str, str]) -> dict[str, str]:
    """What was typed, an empty answer being the proposed one; but a switch may be off."""
    return {
        field.name: values.get(field.name, "").strip() or ("" if _is_off(field, values) else field.default)
        for field in ask.fields
    }


def check(ask: Ask, given: Mapping[str, str]) -> None:
    """What can be seen without asking anybody. Raises Mistake."""
    errors = {field.name: MISSING for field in ask.fields if field.required and not given[field.name]}
    errors |= {key: NOT_NUMBER for key in NUMERIC if given.get(key) and not _is_digits(given[key])}
    errors |= {key: NOT_PIN for key in PINS if given.get(key) and not _is_pin(given[key])}
    for field in ask.fields:
        value = given[field.name]
        if field.type == "select" and value and value not in field.choices:
            errors[field.name] = NOT_CHOICE
        if field.type == "url" and value and not _is_url(value):
            errors[field.name] = NOT_URL
    if errors:
        raise Mistake(errors)


def _is_digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _is_pin(value: str) -> bool:
    return len(value) == 6 and _is_digits(value)


def _is_url(value: str) -> bool:
    try:
        url = URL(value)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)


@contextmanager
def blaming(field: str, refused: str = "", codes: Container[str] = ()) -> Generator[None]:
    """What the provider refuses becomes a Mistake: of the token, of this field, or of nobody.

    `refused`: the rest of the key of the words for a refusal; "": words for its code, or the provider's.
    `codes`: codes of the provider that are about this field, whatever they mean elsewhere.
    """
    try:
        yield
    except ChannelError as error:
        said = f"error.{error.code}"
        if error.remote_code in codes:
            raise Mistake({field: error.words or said}) from error
        if isinstance(error, BadCredentials):
            raise Mistake({"access_token": said}) from error
        if isinstance(error, Rejected):
            known = "" if error.words == CODE_WORDS + REFUSED.words else error.words  # those say nothing more
            raise Mistake({field: KEY + refused if refused else known or error.detail}) from error
        raise Mistake({"": error.words or said}) from error


def placed(ask: Ask, mistake: Mistake) -> Ask:
    """The form with what is wrong: what is not about one of its fields is about the whole."""
    names = {field.name for field in ask.fields}
    errors: dict[str, str] = {}
    for name, words in mistake.errors.items():
        errors.setdefault(name if name in names else "", words)
    return structs.replace(ask, errors=errors)
