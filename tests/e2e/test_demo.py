"""What `jackfield demo` promises on the command line."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from e2e.conftest import Demo, demo_in


def test_the_line_of_json_says_everything_a_client_needs(demo: Demo) -> None:
    said = demo.said
    assert set(said["login"]) == {"email", "password"}
    assert len(said["workspaces"]) == 2
    for channel in said["channels"]:
        assert {"id", "kind", "workspace", "webhook"} <= set(channel)
        assert channel["workspace"] in {workspace["id"] for workspace in said["workspaces"]}
        assert {"app_secret", "verify_token", "phone_number_id", "waba_id", "simulator"} <= set(channel)
    with urllib.request.urlopen(f"{said['url']}/readyz", timeout=5) as answer:
        assert answer.status == 200


def test_each_client_has_a_past_in_its_own_language(demo: Demo) -> None:
    names = {workspace["id"]: workspace["name"] for workspace in demo.said["workspaces"]}
    rows = demo.get("/conversations?limit=100")["items"]
    by_workspace = {ws: [row for row in rows if row["ws"] == ws] for ws in names}
    assert all(len(found) >= 8 for found in by_workspace.values())
    words = {ws: " ".join(row["last"].get("text", "").lower() for row in by_workspace[ws]) for ws in names}
    cyrillic = {ws: any("а" <= letter <= "я" for letter in said) for ws, said in words.items()}
    assert sorted(cyrillic.values()) == [False, True]


def test_the_sign_in_link_works_once(demo: Demo) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def http_error_303(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
            return None  # answered as it is: an error with its status

    opener = urllib.request.build_opener(Stay)

    def visit() -> int:
        try:
            with opener.open(demo.said["signin"], timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert [visit(), visit()] == [303, 410]


def test_ctrl_c_ends_all_of_it_and_forgets_nothing_of_a_kept_folder(tmp_path: Path) -> None:
    with demo_in(tmp_path, {}) as demo:
        before = {row["id"] for row in demo.get("/conversations?limit=100")["items"]}
        assert demo.stop() == 0
        demo.start(demo.port)
        after = {row["id"] for row in demo.get("/conversations?limit=100")["items"]}
    assert after == before
