"""What a business account has beside its conversations: its card, its shop, its links, what it offers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jackfield.channel import (
    Automates,
    Automation,
    AutomationRules,
    BringsHistory,
    BusinessProfile,
    CatalogPage,
    ChatLink,
    Download,
    HasCatalogue,
    HasLinks,
    HasProfile,
    ProfileChange,
    ProfileRules,
    Rejected,
    Shop,
)
from jackfield.errors import Invalid, TooLarge
from jackfield.store.sniff import HEAD, sniff
from jackfield.web.auth.sessions import note

from .asking import REFUSES, answer_of, lacks, open_channel
from .call import Call
from .channels import about
from .registry import PICTURES, Api, Picture

api = Api("business")

PICTURE_MOST = 2 * 1024 * 1024  # bytes
LINK_TEXT = 4096  # characters; the channel knows its own limit


class ProfileView(Struct, frozen=True, kw_only=True):
    rules: ProfileRules
    profile: BusinessProfile


class ShopBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`cart`: orders can be put together; `visible`: the shop is shown in the profile."""

    cart: bool
    visible: bool


class CatalogueQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`query`: words of a product. `after`: as the page before said."""

    query: Annotated[str, Meta(max_length=200)] = ""
    after: Annotated[str, Meta(max_length=1000)] = ""


class Links(Struct, frozen=True, kw_only=True):
    items: tuple[ChatLink, ...]


class LinkBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is typed already when the chat opens."""

    text: Annotated[str, Meta(min_length=1, max_length=LINK_TEXT)]


class PictureQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    form: Literal["svg", "png"] = "svg"


class AutomationView(Struct, frozen=True, kw_only=True):
    rules: AutomationRules
    automation: Automation


@api.get("/channels/{channel}/profile", refuses=REFUSES)
async def profile(call: Call, channel: str) -> ProfileView:
    """What customers see of the business, and what may be in it."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasProfile):
        raise lacks("profile")
    return ProfileView(rules=line.profile_rules(), profile=await answer_of(line.profile()))


@api.patch("/channels/{channel}/profile", refuses=REFUSES)
async def change_profile(call: Call, channel: str, body: ProfileChange) -> BusinessProfile:
    """Change some of it. `picture`: the id of an uploaded file."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, HasProfile):
        raise lacks("profile")
    await answer_of(line.save_profile(body))
    await note(call.visitor.operator, "profile.changed", workspace=row.workspace_id, data=about(channel))
    return await answer_of(line.profile())


@api.get("/channels/{channel}/shop", refuses=REFUSES)
async def shop(call: Call, channel: str) -> Shop:
    """Which catalogue is connected, and whether it is shown."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasCatalogue):
        raise lacks("catalogue")
    return await answer_of(line.shop())


@api.put("/channels/{channel}/shop", refuses=REFUSES)
async def change_shop(call: Call, channel: str, body: ShopBody) -> Shop:
    """Show the shop or hide it, with a cart or without."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, HasCatalogue):
        raise lacks("catalogue")
    await answer_of(line.save_shop(cart=body.cart, visible=body.visible))
    await note(call.visitor.operator, "shop.changed", workspace=row.workspace_id, data=about(channel))
    return await answer_of(line.shop())


@api.get("/channels/{channel}/catalogue", refuses=REFUSES)
async def catalogue(call: Call, channel: str, query: CatalogueQuery) -> CatalogPage:
    """Products that can be sent, a page at a time."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasCatalogue):
        raise lacks("catalogue")
    return await answer_of(line.catalogue(query.query, query.after))


@api.get("/channels/{channel}/links", refuses=REFUSES)
async def links(call: Call, channel: str) -> Links:
    """Short addresses that open a chat with us."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasLinks):
        raise lacks("links")
    return Links(items=tuple(await answer_of(line.links())))


@api.post("/channels/{channel}/links", refuses=REFUSES)
async def make_link(call: Call, channel: str, body: LinkBody) -> ChatLink:
    """A new one."""
    return await _save_link(call, channel, body)


@api.patch("/channels/{channel}/links/{link}", refuses=REFUSES)
async def change_link(call: Call, channel: str, link: str, body: LinkBody) -> ChatLink:
    """Another text behind the same code: what was printed stays good."""
    return await _save_link(call, channel, body, link)


async def _save_link(call: Call, channel: str, body: LinkBody, link: str = "") -> ChatLink:
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, HasLinks):
        raise lacks("links")
    saved = await answer_of(line.save_link(body.text, link))
    await note(call.visitor.operator, "link.saved", workspace=row.workspace_id, data=about(channel))
    return saved


@api.delete("/channels/{channel}/links/{link}", refuses=REFUSES)
async def delete_link(call: Call, channel: str, link: str) -> None:
    """Whoever follows it later finds nothing."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, HasLinks):
        raise lacks("links")
    await answer_of(line.delete_link(link))
    await note(call.visitor.operator, "link.deleted", workspace=row.workspace_id, data=about(channel))


@api.get("/channels/{channel}/links/{link}/picture", refuses=(*REFUSES, TooLarge))
async def link_picture(call: Call, channel: str, link: str, query: PictureQuery) -> Picture:
    """Its QR code, to print."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasLinks):
        raise lacks("links")
    body = await answer_of(_read(await answer_of(line.link_picture(link, query.form))))
    mime = sniff(body[:HEAD])
    if mime not in PICTURES:
        raise Invalid(f"the provider sent {mime} for a picture", code="not_a_picture")
    plain = "".join(letter for letter in link if letter.isascii() and letter.isalnum()) or "link"
    return Picture(body=body, mime=mime, name=f"{plain}.{'svg' if mime == 'image/svg+xml' else 'png'}")


async def _read(download: Download) -> bytes:
    body = bytearray()
    async for chunk in download.chunks:
        body += chunk
        if len(body) > PICTURE_MOST:
            raise Rejected(f"the picture has more than {PICTURE_MOST} bytes")
    return bytes(body)


@api.get("/channels/{channel}/automation", refuses=REFUSES)
async def automation(call: Call, channel: str) -> AutomationView:
    """What the provider's app offers by itself, and how much of it there may be."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, Automates):
        raise lacks("automation")
    return AutomationView(rules=line.automation_rules(), automation=await answer_of(line.automation()))


@api.put("/channels/{channel}/automation", refuses=REFUSES)
async def change_automation(call: Call, channel: str, body: Automation) -> Automation:
    """The whole of it: what is left out is gone."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, Automates):
        raise lacks("automation")
    await answer_of(line.save_automation(body))
    await note(call.visitor.operator, "automation.changed", workspace=row.workspace_id, data=about(channel))
    return await answer_of(line.automation())


@api.post("/channels/{channel}/history", refuses=REFUSES)
async def bring_history(call: Call, channel: str) -> None:
    """Ask for the past and the contacts of the phone; they come by themselves, over some hours."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, BringsHistory):
        raise lacks("history")
    await answer_of(line.bring_history())
    await note(call.visitor.operator, "history.asked", workspace=row.workspace_id, data=about(channel))
