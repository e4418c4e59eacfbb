"""The stage the plugins play on: where Jackfield will listen, and the channels' ids before they exist."""

from __future__ import annotations

from jackfield import ids


class Stage:
    """jackfield.channel.DemoStage. An external id gets its channel's id when it is first named."""

    def __init__(self, url: str, known: dict[str, int]) -> None:
        self.url = url
        self._channels = known  # by external id: channels of an earlier demo in the same folder

    def channel(self, external_id: str) -> int:
        return self._channels.setdefault(external_id, ids.new_id())

    def webhook(self, external_id: str) -> str:
        return f"{self.url}/hooks/{ids.show('ch', self.channel(external_id))}"
