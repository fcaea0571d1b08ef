"""The identity provider is out of order: a sentence, not an error page."""

import pytest
import requests
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh-hans", "登录服务暂时没有回应"), ("en", "The login service does not answer")],
)
def test_whoever_wants_to_log_in_reads_that_it_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    def refuse(*_args: object, **_words: object) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", refuse)
    page = client.get("/enter/", headers={"accept-language": language}, follow=True)
    assert page.status_code == 503
    assert sentence in page.content.decode()
