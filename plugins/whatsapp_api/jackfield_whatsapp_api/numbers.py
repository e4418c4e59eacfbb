"""A number as the provider shows it: how it is, what it still needs, where its webhooks go."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from jackfield.channel import Rejected

from .client import GraphClient
from .payload import Node, name, node, text

SEEN = (
    "id",
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "status",
    "name_status",
    "code_verification_status",
    "throughput",
    "platform_type",
    "is_on_biz_app",
    "whatsapp_business_manager_messaging_limit",
    "webhook_configuration",
    "health_status",
)
LEAST = ("id", "display_phone_number", "verified_name", "health_status")
UNREGISTERED = frozenset({"PENDING", "DISCONNECTED", "UNLINKED", "UNVERIFIED"})
PLACES = ("phone_number", "whatsapp_business_account", "application")  # the first that is set is called


class Number(Struct, frozen=True, kw_only=True):
    """Words are the provider's own; "" where it said none. `on_phone`: it is on the Business app too."""

    id: str
    display: str = ""
    name: str = ""
    quality: str = ""
    status: str = ""
    name_status: str = ""
    verified: str = ""
    throughput: str = ""
    platform: str = ""
    limit: str = ""
    on_phone: bool = False
    hooks: Mapping[str, str] = {}

    @property
    def registered(self) -> bool:
        """Whether it can send as it is. One on a phone always is: it must never be registered anew."""
        return self.on_phone or (self.platform != "NOT_APPLICABLE" and self.status not in UNREGISTERED)

    @property
    def proven(self) -> bool:
        """Whether the provider knows that it is ours, or no longer asks."""
        return self.registered or self.verified != "NOT_VERIFIED"

    @property
    def called(self) -> str:
        """The address that the provider calls for this number; "" where none is set."""
        return next((self.hooks[place] for place in PLACES if self.hooks.get(place)), "")

    @property
    def label(self) -> str:
        """The number in one line, to be chosen among others."""
        said = (self.display or self.id, self.name, self.quality, self.status)
        return " · ".join(filter(None, said))


def read_number(said: Node) -> Number:
    hooks = node(said.get("webhook_configuration"))
    platform = name(said.get("platform_type"))
    return Number(
        id=text(said.get("id")),
        display=text(said.get("display_phone_number")),
        name=text(said.get("verified_name")),
        quality=name(said.get("quality_rating")),
        status=name(said.get("status")),
        name_status=name(said.get("name_status")),
        verified=name(said.get("code_verification_status")),
        throughput=name(node(said.get("throughput")).get("level")),
        platform=platform,
        limit=name(said.get("whatsapp_business_manager_messaging_limit")),
        on_phone=said.get("is_on_biz_app") is True and platform in ("", "CLOUD_API"),
        hooks={place: text(hooks.get(place)) for place in PLACES if text(hooks.get(place))},
    )


async def look(client: GraphClient) -> Node:
    """The client's own number with all that can be seen of it.

    An API that does not know one of the fields refuses them all: then it is asked for the least.
    """
    try:
        return await client.number(SEEN)
    except Rejected as error:
        if "nonexisting field" not in error.detail:
            raise
        return await client.number(LEAST)
