"""The stage the plugins play on: where Jackfield will listen, and the channels' ids before they exist."""

from __future__ import annotations

from collections.abc import Sequence

from jackfield import ids
from jackfield.channel import ChannelId, Show
from jackfield.host import Host
from jackfield.host.logins import Ground, LoginSession


class Stage:
    """jackfield.channel.DemoStage. An external id gets its channel's id when it is first named."""

    def __init__(self, url: str, known: dict[str, int], host: Host) -> None:
        self.url = url
        self._channels = known  # by external id: channels of an earlier demo in the same folder
        self._host = host

    def channel(self, external_id: str) -> int:
        return self._channels.setdefault(external_id, ids.new_id())

    def webhook(self, external_id: str) -> str:
        return f"{self.url}/hooks/{ids.show('ch', self.channel(external_id))}"

    def login(self, kind: str, flow: str, external_id: str) -> LoginSession:
        channel = ChannelId(ids.show("ch", self.channel(external_id)))
        return self._host.login(kind, flow, ground=Ground(channel=channel))

    def codes(self) -> Sequence[str]:
        shown = [session.step for session in self._host.logins() if not session.ended]
        return [step.data for step in shown if isinstance(step, Show) and step.kind == "qr"]
