"""Short links with QR codes: at most 2,000 a number, 140 characters each."""

from __future__ import annotations

import io
import secrets

import segno
from starlette.requests import Request
from starlette.responses import Response

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.kit import Link
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.reading import text
from jackfield_whatsapp_api.simulator.world import World

from .calls import Call
from .pages import page, pick

MOST = 2000
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FORMS = ("SVG", "PNG")


async def get_links(call: Call) -> Json:
    """The newest first; `fields=qr_image_url.format(SVG)` asks for the pictures too."""
    links = sorted(call.number().kit.links.values(), key=lambda link: link.at, reverse=True)
    if code := call.query.get("code"):
        links = [link for link in links if link.code == code]
    query = {"limit": "25", **call.query}
    if query["limit"].isdecimal() and int(query["limit"]) > 25:
        raise GraphError(100, message="(#100) limit must be at most 25")
    return page([_view(call, link) for link in links], query, str(call.request.url.replace(query="")))


async def get_link(call: Call) -> Json:
    return {"data": [_view(call, _find(call))]}


async def post_link(call: Call) -> Json:
    """A new one, or with `code` another text behind an old one."""
    number, body = call.number(), call.json()
    words = text(body, "prefilled_message", "qr", most=140)
    form = str(body.get("generate_qr_image") or "")
    if form and form not in _FORMS:
        raise GraphError(100, message="(#100) generate_qr_image must be one of {SVG, PNG}")
    if code := body.get("code"):
        link = _known(call, str(code))
        link.text = words
        return _shown(call, link, form)
    if len(number.kit.links) >= MOST:
        raise GraphError(100, f"A number can have at most {MOST} codes.")
    link = Link(
        code="".join(secrets.choice(_LETTERS) for _ in range(14)),
        text=words,
        at=call.world.state.clock.now(),
    )
    number.kit.links[link.code] = link
    return _shown(call, link, form)


async def delete_link(call: Call) -> Json:
    link = _find(call)
    del call.number().kit.links[link.code]
    return {"success": True}


def _find(call: Call) -> Link:
    return _known(call, str(call.request.path_params["code"]))


def _known(call: Call, code: str) -> Link:
    if link := call.number().kit.links.get(code):
        return link
    raise GraphError(803, status=404, message="QR code not found")


def _view(call: Call, link: Link) -> Json:
    fields = call.query.get("fields", "")
    form = next((one for one in _FORMS if f"qr_image_url.format({one})" in fields), "")
    found = _shown(call, link, form)
    return pick(found, f"code,{fields}") if fields else found


def _shown(call: Call, link: Link, form: str) -> Json:
    found: Json = {"code": link.code, "prefilled_message": link.text, "deep_link_url": link.url}
    if form:
        found["qr_image_url"] = f"{call.world.url}/qr/{link.code}.{form.lower()}"
    return found


async def picture(world: World, request: Request) -> Response:
    """The image behind `qr_image_url`: open to whoever has its address, as the provider's are."""
    code, form = str(request.path_params["code"]), str(request.path_params["form"])
    link = next((one.kit.links[code] for one in world.state.numbers.values() if code in one.kit.links), None)
    if link is None or form.upper() not in _FORMS:
        return Response(status_code=404)
    out = io.BytesIO()
    segno.make_qr(link.url).save(out, kind=form, border=4, scale=8)
    return Response(out.getvalue(), media_type="image/svg+xml" if form == "svg" else "image/png")
