"""The public page: valid, replaced, revoked or unprovable, without login, script or a name."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.actions import cast
from tests.actions.test_certificates import NUMBER, issue
from yijian.actions import contexts
from yijian.actions.certificate_tokens import address_of, token_of
from yijian.documents import offline_verifier
from yijian.domain.certificates import canonical, content_of
from yijian.records import certificates as records

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(published: object, now: datetime) -> records.Opened:
    family = cast.household(now).submit()
    found = records.opened(issue(family))
    contexts.forget()
    assert found is not None
    return found


def text_of(client: Client, token: str) -> str:
    response = client.get(f"/verify/?token={quote(token)}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store, private"
    return response.content.decode()


def test_the_address_of_the_code_says_that_the_certificate_is_valid(
    client: Client, opened: records.Opened
) -> None:
    address = address_of(token_of(opened.certificate))
    page = client.get(address.removeprefix(settings.YIJIAN.public_url)).content.decode()
    assert "出生医学证明" in page and "有效" in page and opened.standing.identifier in page
    for personal in (NUMBER, "李小满", "王芳"):
        assert personal not in page


def test_a_pasted_code_is_checked_without_script(client: Client, opened: records.Opened) -> None:
    page = client.post("/verify/", {"token": f"  {token_of(opened.certificate)}\n"})
    assert "今天有效" in page.content.decode()


def test_a_revoked_certificate_is_no_longer_valid_today(
    client: Client, opened: records.Opened, now: datetime
) -> None:
    records.revoke(opened.standing.id, now)
    page = text_of(client, token_of(opened.certificate))
    assert "已注销" in page and "今天有效" not in page


def test_what_this_node_did_not_sign_and_what_it_does_not_know_look_the_same(
    client: Client, opened: records.Opened
) -> None:
    token = token_of(opened.certificate)
    unknown = replace(opened.certificate, identifier=opened.certificate.identifier.next)
    other = replace(opened.certificate, salt="00")
    answers = {
        tuple(re.findall(r'<section class="card" role="status">.*?</section>', page, re.DOTALL))
        for page in (
            text_of(client, each)
            for each in (
                token[:-20] + 20 * "A",
                "YJ1.x.y",
                token_of(unknown),
                token_of(other),
                "<b>",
            )
        )
    }
    ((page,),) = answers
    assert "无法证实" in page


def test_an_empty_form_and_a_strange_file_say_what_to_do(client: Client) -> None:
    assert "请粘贴核验码" in client.post("/verify/").content.decode()
    strange = SimpleUploadedFile("a.html", b"<script>alert(1)</script>")
    page = client.post("/verify/", {"file": strange}).content.decode()
    assert "只能核验 PDF、OFD" in page and "alert(1)" not in page
    broken = SimpleUploadedFile("a.pdf", b"%PDF-1.7 broken")
    assert "有问题" in client.post("/verify/", {"file": broken}).content.decode()


def test_the_offline_verifier_knows_a_code_by_the_public_key_alone(
    opened: records.Opened, tmp_path: Path
) -> None:
    token = token_of(opened.certificate)
    key = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}.pub.pem"
    content = tmp_path / "content.json"
    content.write_text(canonical(content_of(opened.certificate)), encoding="utf-8")

    def said(*arguments: str) -> tuple[int, str]:
        program = str(Path(offline_verifier.__file__))
        done = subprocess.run(
            [sys.executable, "-I", program, *arguments], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    assert said("--key", str(key), address_of(token))[0] == 0
    assert said("--key", str(key), "--data", str(content), token)[0] == 0
    (tmp_path / "code.txt").write_text(token, encoding="utf-8")
    assert said("--key", str(key), str(tmp_path / "code.txt"))[0] == 0
    mark, payload, signature = token.split(".")
    code, words = said("--key", str(key), f"{mark}.{payload[:-4]}AAAA.{signature}")
    assert code == 1 and "Traceback" not in words
    code, words = said(token)
    assert code == 1 and "not signed by a given key" in words
    changed = json.loads(content.read_text(encoding="utf-8"))
    content.write_text(json.dumps(changed | {"number": "Z340000009"}), encoding="utf-8")
    code, words = said("--key", str(key), "--data", str(content), token)
    assert code == 1 and "the content is another" in words
