"""What waits while a channel is away does not burst out when its login is renewed."""

from __future__ import annotations

from typing import Any

from web_world import World


async def test_what_waited_is_held_after_a_new_login_until_it_is_released(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await world.api(world.alpha.people["owner"])

    async def post(path: str, **body: Any) -> Any:
        answer = await api.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(message: str) -> str:
        return str((await api.get(f"/api/v1/messages/{message}")).json()["st"])

    sent = await post(f"/conversations/{conv}/messages", parts=[{"type": "text", "body": "while away"}])
    (message,) = sent["messages"]
    assert await status(message) == "queued"

    channel = world.alpha.channel_id
    login = await post("/channels/logins", workspace=world.alpha.id, kind="whole", flow="form", again=channel)
    values = {"line": "1", "app_secret": "new"}
    await post(f"/channels/logins/{login['id']}/submit", values=values)
    done = await post(f"/channels/logins/{login['id']}/wait")
    assert done["channel"] == channel
    assert await status(message) == "held"

    assert await post(f"/channels/{channel}/release") == {"released": 1}
    assert await status(message) == "queued"
