"""What one WhatsApp Business API channel is configured with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from msgspec import Struct

from jackfield.channel import Field, Rejected

from .ids import Scope

API_BASE = "https://graph.facebook.com"
API_VERSION = "v25.0"

FIELDS: tuple[Field, ...] = (
    Field(name="phone_number_id"),
    Field(name="waba_id"),
    Field(name="access_token", type="password", secret=True),
    Field(name="app_secret", type="password", secret=True),
    Field(name="verify_token", type="password", secret=True),
    Field(name="business_id", required=False),
    Field(name="display_phone_number", required=False),
    Field(name="marketing_api", type="switch", required=False),
    Field(name="api_base", type="url", required=False, default=API_BASE),
    Field(name="api_version", required=False, default=API_VERSION),
)


class Config(Struct, frozen=True, kw_only=True):
    """`business_id`: the portfolio that scopes BSUIDs; where it is not known the WABA stands for it."""

    access_token: str
    app_secret: str
    verify_token: str
    phone_number_id: str
    waba_id: str
    business_id: str = ""
    display_phone_number: str = ""
    marketing_api: str = ""  # "1": templates of marketing go over the API made for them
    api_base: str = API_BASE
    api_version: str = API_VERSION

    @property
    def scope(self) -> Scope:
        return Scope(self.business_id or self.waba_id)

    @property
    def marketing(self) -> bool:
        return self.marketing_api == "1"

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """From stored values; empty ones count as not given. Raises Rejected without a number's id."""
        if not values.get("phone_number_id", "").strip():
            raise Rejected("the channel has no phone_number_id")
        return cls.partly(values)

    @classmethod
    def partly(cls, values: Mapping[str, str]) -> Self:
        """As read(), while a login goes on: the number may not be known yet."""
        given = {field: values.get(field, "").strip() for field in cls.__struct_fields__}
        required = {field: given.pop(field) for field in cls.__struct_fields__[:5]}
        return cls(**required, **{field: value for field, value in given.items() if value})
