"""The card of the business that customers see, and the username they find it by.

Limits: Meta's pages "Business profiles" and "Business usernames".
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET

from jackfield.channel import BusinessProfile, ProfileChange, ProfileRules
from jackfield_whatsapp_api.limits import IMAGES, MIB
from jackfield_whatsapp_api.payload import Node, is_node, listed, node, text

from . import check

FIELDS = "about,address,description,email,profile_picture_url,websites,vertical"

CATEGORIES = (
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
)

RULES = ProfileRules(
    about=139,
    description=512,
    address=256,
    email=128,
    website=256,
    websites=2,
    categories=CATEGORIES,
    picture=tuple(sorted(IMAGES)),
    username=35,
)
PICTURE_MOST = 5 * MIB

WEBSITE = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
USERNAME = re.compile(r"(?=.*[a-z])(?!www)(?!.*\.\.)[a-z0-9_][a-z0-9_.]{1,33}[a-z0-9_]", re.IGNORECASE)
DOMAINS = (".com", ".org", ".net", ".int", ".edu", ".gov", ".mil", ".us", ".in", ".html")


def read(answer: Node, number: Node, username: Node, ideas: Node) -> BusinessProfile:
    """What the provider shows. Its documents know two forms: the fields, or an object with them."""
    said = next(map(node, listed(answer.get("data"))), node(None))
    said = node(said["business_profile"]) if is_node(said.get("business_profile")) else said
    return BusinessProfile(
        name=text(number.get("verified_name")),
        about=text(said.get("about")),
        description=text(said.get("description")),
        address=text(said.get("address")),
        email=text(said.get("email")),
        websites=tuple(filter(None, map(text, listed(said.get("websites"))))),
        category=text(said.get("vertical")),
        picture=text(said.get("profile_picture_url")),
        username=text(username.get("username")),
        username_state=text(username.get("status")).lower(),
        usernames=tuple(
            filter(
                None,
                (
                    text(name)
                    for item in map(node, listed(ideas.get("data")))
                    for name in listed(item.get("username_suggestions"))
                ),
            )
        ),
    )


def body(change: ProfileChange, *, picture: str = "") -> dict[str, Any]:
    """The fields to be saved; none: nothing of it changes. `picture`: the handle of an upload.

    Raises Rejected, naming the field and the limit.
    """
    said: dict[str, Any] = {}
    if change.about is not UNSET:
        said["about"] = check.some("about", change.about, RULES.about)
    if change.description is not UNSET:
        said["description"] = check.at_most("description", change.description, RULES.description)
    if change.address is not UNSET:
        said["address"] = check.at_most("address", change.address, RULES.address)
    if change.email is not UNSET:
        said["email"] = email(change.email)
    if change.websites is not UNSET:
        said["websites"] = websites(change.websites)
    if change.category is not UNSET:
        said["vertical"] = category(change.category)
    if picture:
        said["profile_picture_handle"] = picture
    return {"messaging_product": "whatsapp", **said} if said else {}


def email(value: str) -> str:
    check.at_most("email", value, RULES.email)
    if value and not EMAIL.fullmatch(value):
        raise check.refused("email", check.NOT_AN_EMAIL, "not an e-mail address")
    return value


def websites(values: tuple[str, ...]) -> list[str]:
    check.few("websites", values, RULES.websites)
    for place, value in enumerate(values):
        field = f"websites.{place}"
        check.some(field, value, RULES.website)
        if not WEBSITE.fullmatch(value):
            raise check.refused(field, check.NOT_A_WEBSITE, "must begin with https:// or http://")
    return list(values)


def category(value: str) -> str:
    if value not in CATEGORIES:
        raise check.refused("category", check.NOT_A_CATEGORY, f"{value[:64]!r} is no category")
    return value


def picture(mime: str, size: int) -> str:
    """The type of the file. Raises Rejected if it cannot be the picture."""
    plain = mime.partition(";")[0].strip().lower()
    if plain not in RULES.picture:
        raise check.refused("picture", check.NOT_A_PICTURE, f"{plain or 'unknown type'}, not JPEG or PNG")
    if size > PICTURE_MOST:
        raise check.refused(
            "picture",
            check.TOO_LARGE,
            f"{size} bytes, at most {PICTURE_MOST} are allowed",
            PICTURE_MOST // MIB,
        )
    return plain


def username(value: str) -> str:
    """As it is asked for. Raises Rejected for what cannot be one; whether it is free is the provider's."""
    plain = value.strip().removeprefix("@")
    check.at_most("username", plain, RULES.username)
    if not USERNAME.fullmatch(plain) or plain.lower().endswith(DOMAINS):
        raise check.refused("username", check.NOT_A_USERNAME, "not allowed as a username")
    return plain
