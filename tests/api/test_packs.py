"""The policy of a task, byte for byte, for the node that handles the task."""

from __future__ import annotations

import hashlib

from tests.api.conftest import Door
from yijian.actions import contexts


def test_the_text_of_a_version_has_the_digest_it_is_asked_by(node: None, hr: Door) -> None:
    digest = contexts.current_pack().digest
    answer = hr.get(f"/packs/{digest}")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/json"
    assert hashlib.sha256(answer.content).hexdigest() == digest


def test_a_version_that_is_not_here_is_not_found(node: None, hr: Door) -> None:
    assert hr.get(f"/packs/{'0' * 64}").status_code == 404
    assert hr.get("/packs/latest").status_code in (404, 422)
