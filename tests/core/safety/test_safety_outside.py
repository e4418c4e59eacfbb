"""What a user or a provider names as an address does not lead to our own machines."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.resolver import ThreadedResolver
from waba_cloud import PHONE_ID, cloud, says
from web_world import Quiet
from whole_channel import CONFIG, WholeChannel, WholeKind

from jackfield.channel import Ask, ChannelError, ChannelId, Rejected
from jackfield.host import Host
from jackfield.settings import from_environment
from jackfield.testing import FakePort
from jackfield_whatsapp_api import outside
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.outside import NotPublic, is_public, public_socket


class Inside:
    """A server on this machine that must not be reached, and counts who does."""

    def __init__(self) -> None:
        self.connections = 0

    async def meet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{"secret": "key"}')
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[tuple[Inside, int]]:
    found = Inside()
    server = await asyncio.start_server(found.meet, "127.0.0.1", 0)
    yield found, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


class Strict(FakePort):
    private_network = False


REACH = [  # what leads to this machine, and would if an install allowed it
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "0.0.0.0",
    "0x7f000001",
    "0x7f.1",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
]
NUMBERS = ["2130706433", "127.1", "127.0.1", "0177.0.0.1", "017700000001", "0"]
"""Ways to write it that HTTP refuses as no address at all, and the system resolves all the same."""


def config_for(host: str, port: int) -> dict[str, str]:
    values = {
        "access_token": "t",
        "app_secret": "s",
        "verify_token": "v",
        "phone_number_id": "1",
        "waba_id": "2",
    }
    return {**values, "api_base": f"http://{host}:{port}"}


@pytest.mark.parametrize("host", REACH)
async def test_no_call_reaches_a_private_address_however_it_is_written(
    inside: tuple[Inside, int], host: str
) -> None:
    """First that it would lead there: else to be refused proves nothing."""
    server, number = inside
    await GraphClient(Config.read(config_for(host, number)), FakePort()).number(("id",))
    assert server.connections == 1
    port = Strict()
    client = GraphClient(Config.read(config_for(host, number)), port)
    with pytest.raises(Rejected, match="not a public one"):
        await client.number(("id",))
    with pytest.raises(Rejected, match="not a public one"):
        await read(client, f"http://{host}:{number}/file")
    assert server.connections == 1
    assert "secret" not in str(port.entries)


@pytest.mark.parametrize("host", NUMBERS)
async def test_a_number_for_an_address_is_refused_twice(inside: tuple[Inside, int], host: str) -> None:
    """As an address of a call, and as what the system makes of it, should a client let it through."""
    server, number = inside
    client = GraphClient(Config.read(config_for(host, number)), Strict())
    with pytest.raises(Rejected):
        await client.number(("id",))
    found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)
    assert found
    for info in found:
        assert ipaddress.ip_address(info[4][0]).is_private
        with pytest.raises(NotPublic):
            public_socket(info)
    assert server.connections == 0


async def test_a_name_that_changes_its_address_leads_nowhere(
    inside: tuple[Inside, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public when it is first looked up, ours when it is connected to."""
    server, number = inside
    asked: list[str] = []

    async def resolve(_: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) > 1 else "203.0.114.1"
        return [{
            "hostname": host, "host": address, "port": port, "family": socket.AF_INET,
            "proto": socket.IPPROTO_TCP, "flags": socket.AI_NUMERICHOST,
        }]  # fmt: skip

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    made: list[str] = []
    monkeypatch.setattr(outside, "public_socket", refusing_after_look(made))
    client = GraphClient(Config.read(config_for("rebound.example", number)), Strict())
    for _ in range(3):
        with pytest.raises(Rejected, match="not a public one"):
            await client.number(("id",))
    assert made == ["203.0.114.1", "127.0.0.1", "127.0.0.1"]
    assert server.connections == 0


def refusing_after_look(made: list[str]) -> Callable[[tuple[Any, ...]], socket.socket]:
    """public_socket, but nothing goes out from a test: what may be connected to is noted and refused."""

    def look(info: tuple[Any, ...]) -> socket.socket:
        made.append(info[4][0])
        public_socket(info).close()
        raise NotPublic

    return look


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_nowhere(inside: tuple[Inside, int], status: int) -> None:
    """Not even where private addresses are allowed: the token would go along."""
    server, number = inside
    async with cloud() as provider:
        away = says(b"", status=status, headers={"Location": f"http://127.0.0.1:{number}/"})
        provider.instead(PHONE_ID, away)
        provider.instead("file", away)
        client = GraphClient(Config.read(provider.config), FakePort())
        with pytest.raises(ChannelError):
            await client.number(("id",))
        with pytest.raises(ChannelError):
            await read(client, f"{provider.url}/file")
        assert len(provider.seen) == 2
    assert server.connections == 0


async def read(client: GraphClient, url: str) -> bytes:
    """A file where the provider says it is."""
    return b"".join([piece async for piece in client._chunks("1", url)])  # pyright: ignore[reportPrivateUsage]


async def test_an_install_may_allow_it(inside: tuple[Inside, int]) -> None:
    server, number = inside
    client = GraphClient(Config.read(config_for("127.0.0.1", number)), FakePort())
    assert await client.number(("id",)) == {"secret": "key"}
    assert server.connections == 1


@pytest.mark.parametrize("private", [False, True])
async def test_a_login_reaches_no_private_address_unless_the_install_allows_it(
    inside: tuple[Inside, int], private: bool
) -> None:
    server, number = inside
    kind = WhatsAppApi()
    async with Host({kind.name: kind}, Quiet(), private_network=private) as host:
        login = host.login(kind.name, "token")
        await login.start()
        step = await login.submit(config_for("127.0.0.1", number))
        assert isinstance(step, Ask), "whoever answers there is not the provider"
        assert (server.connections > 0) == private
        await login.cancel()


@pytest.mark.parametrize("private", [False, True])
async def test_the_host_tells_a_channel_what_the_install_allows(private: bool) -> None:
    kind = WholeKind()
    async with Host({kind.name: kind}, Quiet(), private_network=private) as host:
        channel = await host.open(ChannelId("ch_1"), kind.name, CONFIG)
        assert isinstance(channel, WholeChannel)
        assert channel.port.private_network is private


def test_an_install_allows_nothing_by_itself(tmp_path: Path) -> None:
    assert from_environment({}).private_media is False
    assert from_environment({"JACKFIELD_PRIVATE_MEDIA": "1"}).private_media is True


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("157.240.1.1", True),
        ("2a03:2880::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:a00:1::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::9df0:101", True),
        ("64:ff9b:1::a00:1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_public_means_out_in_the_world(address: str, public: bool) -> None:
    assert is_public(address) is public
