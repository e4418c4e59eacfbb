"""Short links and their QR codes: an address that opens a chat with a text already typed.

Limits: Meta's page "QR codes and short links". A number has at most 2,000; the provider counts them.
"""

from __future__ import annotations

import io
import re
from typing import Any, Literal

import segno

from jackfield.channel import ChatLink, Rejected
from jackfield_whatsapp_api.payload import Node, Odd, listed, need_text, node, text

from . import check

TEXT = 140
PAGE = "25"  # the most that are given at once
CODE = re.compile(r"[A-Za-z0-9]{1,64}")
FIELDS = "code,prefilled_message,deep_link_url"

MIME = {"svg": "image/svg+xml", "png": "image/png"}
MODULE = 12  # pixels of the smallest square, in PNG


def code(link: str) -> str:
    """The id as part of an address. Raises Rejected for what cannot be one."""
    if not CODE.fullmatch(link):
        raise Rejected("no such link")
    return link


def body(words: str, link: str = "") -> dict[str, Any]:
    said = {"prefilled_message": check.some("text", words, TEXT)}
    return {**said, "code": code(link)} if link else said


def read(said: Node) -> ChatLink:
    """Raises Odd for what is not a link."""
    return ChatLink(
        id=need_text(said, "code"),
        text=text(said.get("prefilled_message")),
        url=need_text(said, "deep_link_url"),
    )


def listing(answer: Node) -> list[ChatLink]:
    """Those of a page that can be read."""
    found: list[ChatLink] = []
    for said in map(node, listed(answer.get("data"))):
        try:
            found.append(read(said))
        except Odd:
            continue
    return found


def picture(url: str, form: Literal["svg", "png"]) -> bytes:
    """The QR code of an address: black on white, with the quiet border a camera needs."""
    drawn = segno.make_qr(url, error="m")
    out = io.BytesIO()
    if form == "svg":
        drawn.save(out, kind="svg", border=4, light="#fff", omitsize=True, svgclass=None, lineclass=None)
    else:
        drawn.save(out, kind="png", border=4, scale=MODULE)
    return out.getvalue()
