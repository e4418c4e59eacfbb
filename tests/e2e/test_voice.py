"""A recording in Ogg sounds as it did in WebM: asked of Chromium, which decodes both by itself."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from jackfield.sound import ogg_of_webm

DATA = Path(__file__).parents[1] / "core" / "sound" / "data"
DECODE = """async data => {
  const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0))
  const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(bytes.buffer)
  const wave = sound.getChannelData(0)
  let power = 0
  let turns = 0
  for (let at = 1; at < wave.length; at++) {
    power += wave[at] ** 2
    if (wave[at] * wave[at - 1] < 0) turns++
  }
  const loud = Math.sqrt(power / wave.length)
  const hertz = turns / 2 / sound.duration
  return { samples: sound.length, channels: sound.numberOfChannels, loud, hertz }
}"""


@pytest.mark.parametrize("name", ["mono", "stereo"])
async def test_a_remuxed_recording_sounds_the_same(name: str) -> None:
    webm = (DATA / f"{name}.webm").read_bytes()
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "the browser tests need chromium; `make test` installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            tab = await browser.new_page()
            before, after = [
                await tab.evaluate(DECODE, base64.b64encode(data).decode())
                for data in (webm, ogg_of_webm(webm))
            ]
        finally:
            await browser.close()
    assert after["samples"] == before["samples"]
    assert after["loud"] == pytest.approx(before["loud"], rel=0.001)
    assert after["hertz"] == pytest.approx(440, rel=0.01)
    assert after["channels"] == 1
