"""The calls behind the tools of one number. What they say and mean is in the modules beside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import UNSET

from jackfield.channel import (
    Address,
    Automation,
    BadCredentials,
    BlockedPage,
    BusinessProfile,
    CatalogPage,
    ChatLink,
    Download,
    Figure,
    MediaFile,
    NotBlocked,
    OutcomeUnknown,
    Port,
    ProfileChange,
    Rejected,
    Shop,
)
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.errors import NoPermission
from jackfield_whatsapp_api.payload import EMPTY, Node, Odd, listed, node, text

from . import automation, blocking, catalogue, figures, links, profile

Upload = Callable[[MediaFile, str], Awaitable[str]]
"""Hand a file over in pieces: its handle."""
PAGES = 100  # of a listing: a guard against one that never ends


class Desk:
    """Nothing here says how the channel is: a tool may lack a permission that messages do not need."""

    def __init__(self, config: Config, client: GraphClient, port: Port, upload: Upload) -> None:
        self._config, self._client, self._port, self._upload = config, client, port, upload
        self._catalog = ""  # the one last seen

    # profile

    async def profile(self) -> BusinessProfile:
        said = await self._client.ask(
            "GET", self._edge("whatsapp_business_profile"), query={"fields": profile.FIELDS}, op="profile"
        )
        number = await self._client.number(["verified_name"])
        username = await self._perhaps("username", "username")
        return profile.read(said, number, username, await self._perhaps("username_suggestions", "username"))

    async def _perhaps(self, edge: str, op: str) -> Node:
        """What not every number has yet."""
        try:
            return await self._client.ask("GET", self._edge(edge), op=op)
        except (Rejected, NoPermission):
            return EMPTY

    async def save_profile(self, change: ProfileChange) -> None:
        """Everything is checked first. The username is last: it may be refused for reasons of its own."""
        profile.body(change)
        wanted = change.username if change.username is UNSET else change.username.strip()
        if wanted:
            wanted = profile.username(wanted)
        handle = await self._picture(change.picture) if change.picture else ""
        if body := profile.body(change, picture=handle):
            await self._client.ask("POST", self._edge("whatsapp_business_profile"), body=body, op="profile")
        if wanted:
            await self._client.ask("POST", self._edge("username"), body={"username": wanted}, op="username")
        elif wanted is not UNSET:
            await self._client.ask("DELETE", self._edge("username"), op="username")

    async def _picture(self, ref: str) -> str:
        file = await self._port.media(ref)
        return await self._upload(file, profile.picture(file.mime, file.size))

    # shop

    async def shop(self) -> Shop:
        self._catalog = await self._connected()
        said = await self._client.ask("GET", self._edge("whatsapp_commerce_settings"), op="shop")
        return catalogue.shop(self._catalog, said)

    async def save_shop(self, *, cart: bool, visible: bool) -> None:
        query = catalogue.settings(cart=cart, visible=visible)
        await self._client.ask("POST", self._edge("whatsapp_commerce_settings"), query=query, op="shop")

    async def catalogue(self, query: str = "", after: str = "") -> CatalogPage:
        if not after or not self._catalog:
            self._catalog = await self._connected()
        if not self._catalog:
            return CatalogPage(items=())
        path = f"{self._catalog}/products"
        return catalogue.page(
            await self._client.ask("GET", path, query=catalogue.asked(query, after), op="catalogue")
        )

    async def _connected(self) -> str:
        path = f"{self._config.waba_id}/product_catalogs"
        found = catalogue.connected(await self._client.ask("GET", path, op="catalogue"))
        return found if found.isdecimal() else ""

    # links

    async def links(self) -> Sequence[ChatLink]:
        found: list[ChatLink] = []
        async for page in self._pages(self._edge("message_qrdls"), {"limit": links.PAGE}, op="links"):
            found.extend(links.listing(page))
        return found

    async def save_link(self, words: str, link: str = "") -> ChatLink:
        said = await self._client.ask(
            "POST", self._edge("message_qrdls"), body=links.body(words, link), op="links"
        )
        try:
            return links.read(said)
        except Odd as error:
            raise OutcomeUnknown(f"the answer is not a link: {error}") from error

    async def delete_link(self, link: str) -> None:
        await self._client.ask("DELETE", self._edge(f"message_qrdls/{links.code(link)}"), op="links")

    async def link_picture(self, link: str, form: Literal["svg", "png"]) -> Download:
        """Drawn here, from the address that the provider says belongs to the link."""
        said = await self._client.ask("GET", self._edge(f"message_qrdls/{links.code(link)}"), op="links")
        found = next((one for one in links.listing(said) if one.id == link), None)
        if found is None:
            raise Rejected("no such link")
        data = links.picture(found.url, form)
        return Download(chunks=_whole(data), mime=links.MIME[form], size=len(data))

    # blocks

    async def block(self, people: Sequence[Address]) -> Sequence[NotBlocked]:
        return await self._blocks("POST", people)

    async def unblock(self, people: Sequence[Address]) -> Sequence[NotBlocked]:
        return await self._blocks("DELETE", people)

    async def _blocks(
        self, method: Literal["POST", "DELETE"], people: Sequence[Address]
    ) -> Sequence[NotBlocked]:
        named = [(blocking.user(person, self._config.scope), person) for person in people]
        refused = [NotBlocked(person=person, code=blocking.NO_ADDRESS) for user, person in named if not user]
        users = {user: person for user, person in named if user}
        for some in _parts(list(users), blocking.AT_ONCE):
            answer = await self._client.ask(
                method,
                self._edge("block_users"),
                body=blocking.body(some),
                op="block",
                despite=blocking.SOME_FAILED,
            )
            refused.extend(blocking.not_done(answer, {user: users[user] for user in some}))
        return refused

    async def blocked(self, after: str = "") -> BlockedPage:
        query = {"limit": blocking.PAGE, **({"after": after} if after else {})}
        answer = await self._client.ask("GET", self._edge("block_users"), query=query, op="block")
        return blocking.page(answer, self._config.scope)

    # automation

    async def automation(self) -> Automation:
        return automation.read(await self._client.number([automation.FIELD]))

    async def save_automation(self, wanted: Automation) -> None:
        await self._client.ask(
            "POST",
            self._edge("conversational_automation"),
            body=automation.body(wanted),
            op="automation",
        )

    # figures

    async def figures(self, since: datetime, until: datetime) -> Sequence[Figure]:
        """Every report that this token and this account may see. Raises where none can be had at all."""
        now = datetime.now(UTC)
        until, early = min(until, now), max(since, now - figures.YEAR)
        late = max(since, now - figures.SEASON)
        phone = await self._phone()
        found: list[Figure] = []
        refusals: list[Rejected | BadCredentials] = []
        currency = ""
        reports = (
            (figures.messages, figures.read_messages),
            (figures.conversations, figures.read_conversations),
            (figures.pricing, figures.read_pricing),
        )
        for asked, read in reports if early < until else ():
            try:
                answer = await self._client.ask(
                    "GET", self._config.waba_id, query=asked(early, until, phone), op="figures"
                )
            except (Rejected, NoPermission) as error:
                refusals.append(error)
                continue
            currency = text(answer.get("currency")) or currency
            found.extend(read(answer))
        if len(refusals) == len(reports):
            raise refusals[0]
        if late < until:
            found.extend(await self._templates(late, until, currency))
        return found

    async def _phone(self) -> str:
        """Our number, by which figures of the account are told from those of its other numbers."""
        if said := self._config.display_phone_number:
            return said
        return text((await self._client.number(["display_phone_number"])).get("display_phone_number"))

    async def _templates(self, since: datetime, until: datetime, currency: str) -> Iterable[Figure]:
        """Of the first MOST_TEMPLATES that were ever sent. None where the account has not agreed to be
        watched: that is for a person to do, for good."""
        names = await self._template_names()
        found: list[Figure] = []
        for some in _parts(list(names), figures.TEMPLATES_AT_ONCE):
            try:
                path = f"{self._config.waba_id}/template_analytics"
                async for page in self._pages(path, figures.templates(since, until, some), op="figures"):
                    found.extend(figures.read_templates(page, names, currency))
            except (Rejected, NoPermission):
                break
        return found

    async def _template_names(self) -> Mapping[str, Mapping[str, str]]:
        path = f"{self._config.waba_id}/message_templates"
        query = {"fields": "id,name,language,status", "limit": "100"}
        found: dict[str, Mapping[str, str]] = {}
        async for page in self._pages(path, query, op="templates"):
            for said in map(node, listed(page.get("data"))):
                own, unsent = text(said.get("id")), said.get("status") in figures.NEVER_SENT
                if own.isdecimal() and not unsent:
                    found[own] = {"template": text(said.get("name")), "language": text(said.get("language"))}
            if len(found) >= figures.MOST_TEMPLATES:
                break
        return dict(list(found.items())[: figures.MOST_TEMPLATES])

    # all of them

    def _edge(self, edge: str) -> str:
        return f"{self._config.phone_number_id}/{edge}"

    async def _pages(self, path: str, query: Mapping[str, str], *, op: str) -> AsyncIterator[Node]:
        for _ in range(PAGES):
            page = await self._client.ask("GET", path, query=query, op=op)
            yield page
            after = catalogue.after(page)
            if not after:
                return
            query = {**query, "after": after}


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _parts(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
