"""What a user or a provider names as an address does not lead to our own machines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from web_world import Quiet
from whole_channel import CONFIG, WholeChannel, WholeKind

from jackfield.channel import Ask, ChannelId, Rejected
from jackfield.host import Host
from jackfield.settings import from_environment
from jackfield.testing import FakePort
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.kind import WhatsAppApi
from jackfield_whatsapp_api.outside import is_public


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


HOSTS = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]


def config_for(host: str, port: int) -> dict[str, str]:
    values = {
        "access_token": "t",
        "app_secret": "s",
        "verify_token": "v",
        "phone_number_id": "1",
        "waba_id": "2",
    }
    return {**values, "api_base": f"http://{host}:{port}"}


@pytest.mark.parametrize("host", HOSTS)
async def test_no_call_reaches_a_private_address_however_it_is_written(
    inside: tuple[Inside, int], host: str
) -> None:
    server, number = inside
    port = Strict()
    client = GraphClient(Config.read(config_for(host, number)), port)
    with pytest.raises(Rejected):
        await client.number(("id",))
    with pytest.raises(Rejected):
        async for _ in client._chunks("1", f"http://{host}:{number}/file"):  # pyright: ignore[reportPrivateUsage]  # a file where the provider says
            pass
    assert server.connections == 0
    assert "secret" not in str(port.entries)


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
        assert isinstance(step, Ask) == (not private)
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
    ],
)
def test_public_means_out_in_the_world(address: str, public: bool) -> None:
    assert is_public(address) is public
