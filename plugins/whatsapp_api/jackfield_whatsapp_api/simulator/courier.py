"""Delivers webhooks: signed as sent, in order per address, tried again until they are taken."""

from __future__ import annotations

import asyncio

import aiohttp

from . import payload
from .bundle import Change, bundle
from .clock import Clock
from .crew import Crew
from .model import Account, Attempt, Callback, Json, Number
from .script import Duplicate, Gather, Script
from .settings import Settings
from .signature import HEADER, encode, sign


class Courier:
    """`log` holds every attempt. One lane per address; a retry does not hold up what comes after it."""

    def __init__(
        self, settings: Settings, clock: Clock, script: Script, crew: Crew, client: aiohttp.ClientSession
    ) -> None:
        self._settings, self._clock, self._script = settings, clock, script
        self._crew, self._client = crew, client
        self._lanes: dict[str, asyncio.Queue[bytes]] = {}
        self._gather: Gather | None = None
        self._held: list[tuple[Callback, Change]] = []
        self.log: list[Attempt] = []

    def post(self, account: Account, number: Number | None, change: Json) -> None:
        """Send a change to whom it concerns: the number's own address, the account's, or the app's."""
        target = (number and number.callback) or account.callback or self._settings.callback
        if target is None or not account.subscribed:
            return
        self._gather = self._gather or self._script.take(Gather, number=number.id if number else "")
        if self._gather is None:
            self._queue(target, payload.envelope(payload.entry(account.id, [change], self._clock.now())))
            return
        if not self._held and self._gather.within:
            self._crew.spawn(self._release_later(self._gather))
        self._held.append((target, (account.id, change)))
        if len(self._held) >= self._gather.size:
            self.release()

    async def _release_later(self, gather: Gather) -> None:
        await self._crew.pause(gather.within)
        if self._gather is gather:
            self.release()

    def release(self) -> None:
        """Let go what a Gather holds back, complete or not."""
        held, gather = self._held, self._gather
        self._held, self._gather = [], None
        if gather is None:
            return
        for target in dict.fromkeys(target for target, _ in held):
            for body in bundle(
                gather.shape, [change for to, change in held if to == target], self._clock.now()
            ):
                self._queue(target, body)

    def _queue(self, target: Callback, body: Json) -> None:
        again = self._script.take(Duplicate)
        lane = self._lanes.get(target.url)
        if lane is None:
            lane = self._lanes[target.url] = asyncio.Queue()
            self._crew.start(self._drive(target.url, lane))
        for _ in range(1 + (again.copies if again else 0)):
            self._crew.begin()
            lane.put_nowait(encode(body))

    async def _drive(self, url: str, lane: asyncio.Queue[bytes]) -> None:
        while True:
            body = await lane.get()
            try:
                if not await self._deliver(url, body, 1):
                    self._crew.spawn(self._again(url, body))
            finally:
                self._crew.end()

    async def _again(self, url: str, body: bytes) -> None:
        wait, waited, number = self._settings.retry_first, 0.0, 1
        while waited < self._settings.retry_for:
            await self._clock.sleep(wait, speed=self._settings.speed)
            waited, number = waited + wait, number + 1
            if await self._deliver(url, body, number):
                return
            wait = min(wait * 2, self._settings.retry_most)

    async def _deliver(self, url: str, body: bytes, number: int) -> bool:
        signature = sign(body, self._settings.app_secret)
        headers = {HEADER: signature, "Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        timeout = aiohttp.ClientTimeout(total=self._settings.webhook_timeout)
        status = 0
        try:
            async with self._client.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass  # no answer: status stays 0, and it is tried again
        self.log.append(
            Attempt(
                url=url, body=body, signature=signature, status=status, number=number, at=self._clock.now()
            )
        )
        return status == 200

    async def verify(self, target: Callback, challenge: str) -> bool:
        """Ask an address whether it is meant: it must give the challenge back."""
        query = {"hub.mode": "subscribe", "hub.verify_token": target.verify_token, "hub.challenge": challenge}
        timeout = aiohttp.ClientTimeout(total=self._settings.webhook_timeout)
        try:
            async with self._client.get(
                target.url, params=query, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status == 200 and await answer.text() == challenge
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError):
            return False
