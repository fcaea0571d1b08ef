"""Logging in and out, and the two switches: nothing kept that need not be, nobody led elsewhere."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory

from tests.web import cast
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.records import people
from yijian.web.identity import AccountAdapter, IdentityAdapter

pytestmark = pytest.mark.django_db

CLAIMS = {
    "sub": "person-1",
    "name": "王芳",
    "id_number": "11010519491231002X",
    "id_type": "111",
    "phone": "19900000001",
    "id_valid_until": None,
    "acr": "real_name",
}


@pytest.mark.parametrize("mode", ["elder", "normal"])
def test_the_reading_mode_is_remembered_and_shown(
    published: Context, client: Client, mode: str
) -> None:
    answer = client.get("/preferences", {"mode": mode, "next": "/guide/"})
    assert answer["Location"] == "/guide/"
    assert client.cookies["mode"].value == mode
    shown = 'data-mode="elder"' in client.get("/guide/").content.decode()
    assert shown is (mode == "elder")


def test_the_language_is_remembered_by_a_form_post_too(published: Context, client: Client) -> None:
    assert client.post("/preferences", {"lang": "en", "next": "/"})["Location"] == "/"
    assert '<html lang="en"' in client.get("/").content.decode()
    client.get("/preferences", {"lang": "zh-hans"})
    assert '<html lang="zh-Hans"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    "asked", [{"mode": "huge"}, {"lang": "fr"}, {"lang": "../etc"}, {"mode": "<b>"}, {}]
)
def test_an_unknown_preference_sets_nothing(
    published: Context, client: Client, asked: dict[str, str]
) -> None:
    assert client.get("/preferences", asked).status_code == 302
    assert client.cookies == {}


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "my"]
)
def test_no_switch_and_no_login_leads_to_another_site(
    published: Context, client: Client, target: str
) -> None:
    assert client.get("/preferences", {"next": target})["Location"] == "/"
    entered = client.get("/enter/", {"next": target})["Location"]
    assert entered == "/accounts/oidc/identity/login/?process=login&next=%2F"


def test_the_demo_chooses_a_person_by_a_hint(published: Context, client: Client) -> None:
    answer = client.get("/enter/", {"login_hint": "family/mother", "next": "/my/"})
    assert "auth_params=login_hint%3Dfamily%252Fmother" in answer["Location"]


def test_a_link_alone_logs_nobody_out(family: cast.Household) -> None:
    assert family.mother.get("/enter/")["Location"] == "/my/"
    page = family.mother.get("/leave/")
    assert "要退出吗" in page.content.decode()
    assert family.mother.get("/my/").status_code == 200
    family.mother.post("/leave/")
    assert family.mother.get("/my/").status_code == 302


def _login(claims: dict[str, Any], **state: Any) -> tuple[HttpRequest, SocialLogin]:
    request = RequestFactory().get("/accounts/oidc/identity/login/callback/")
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    account = SocialAccount(provider="identity", uid=str(claims.get("sub")), extra_data=claims)
    return request, SocialLogin(user=User(username="u"), account=account, **state)


def test_claims_are_sealed_and_allauth_keeps_none_of_them(published: Context) -> None:
    request, login = _login({"userinfo": dict(CLAIMS)})
    adapter = IdentityAdapter(request)
    adapter.pre_social_login(request, login)
    assert login.account.extra_data == {}
    adapter.populate_user(request, login, {"name": "王芳", "email": "x@example.test"})
    login.user.save()
    adapter._arrive(request, login.user)
    identity = people.identity_of(login.user)
    assert identity is not None and identity.name == "王芳"
    stored = " ".join(map(str, User.objects.values_list().get(pk=login.user.pk)))
    assert "王芳" not in stored and "1949" not in stored and "example" not in stored


@pytest.mark.parametrize(
    "broken",
    [{"id_number": None}, {"name": ""}, {"id_type": "999"}, {"acr": None}, {"name": ["x"]}],
)
def test_an_incomplete_identity_ends_with_a_sentence_and_no_account(
    published: Context, broken: dict[str, Any]
) -> None:
    request, login = _login({**CLAIMS, **broken})
    with pytest.raises(ImmediateHttpResponse) as ended:
        IdentityAdapter(request).pre_social_login(request, login)
    assert ended.value.response.status_code == 403
    assert "没有登录成功" in ended.value.response.content.decode()
    assert User.objects.count() == 0


def test_nobody_signs_up_with_a_password_here(published: Context, client: Client) -> None:
    request = RequestFactory().get("/")
    assert AccountAdapter(request).is_open_for_signup(request) is False
    for address in ("/accounts/login/", "/accounts/signup/"):
        page = client.get(address, follow=True).content.decode()
        assert 'type="password"' not in page, address


@pytest.mark.parametrize("address", ["/no/such/page", "/my/cases/UNKNOWN/"])
def test_a_page_that_does_not_exist_says_so_in_our_own_words(
    family: cast.Household, address: str
) -> None:
    page = family.mother.get(address)
    assert page.status_code == 404
    assert "没有找到这一页" in page.content.decode()


def test_a_stale_form_is_explained(published: Context) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/preferences", {"lang": "en"})
    assert page.status_code == 403
    assert "页面放得太久了" in page.content.decode()


def test_a_case_begun_after_midnight_says_the_day_that_it_is_here(
    published: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime(2026, 11, 22, 1, 30, tzinfo=SHANGHAI)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late.astimezone(UTC))
    family = cast.household(cast.ORDINARY, published, late).open()
    assert "11月22日开始填写" in family.mother.get("/my/").content.decode()
