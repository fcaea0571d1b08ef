"""登录: what happens when the identity provider sends somebody back, as adapters of allauth.

Names and ID numbers go, sealed, to `records`; allauth keeps the opaque subject alone. Nobody has a
password, an e-mail address or an own sign-up here.
"""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import timezone

from yijian.actions import people
from yijian.gateways import identity
from yijian.gateways.registers.reading import WrongShapeError
from yijian.records.people import visitor
from yijian.web.pages import show
from yijian.web.senders import sender_of

CLAIMS = "_yijian_claims"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come into being by logging in at the identity provider, never by a form here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "signed in as user4": the page that follows says enough."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom the limits of logging in count: the sender, or the proxy where nobody knows more."""
        return sender_of(request) or str(super().get_client_ip(request))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Families to their cases, staff to their desk."""
        return "/desk/" if visitor(request.user).staff else resolve_url("my")


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Reads the claims strictly, keeps them sealed, and lets allauth store nothing of them."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> Any:
        """A user without a name: the subject is opaque, the person is in `records`.

        The digest is a valid and unique username whatever the provider's subjects look like;
        otherwise allauth numbers its users, and two who come at once get the same number.
        """
        user = sociallogin.user
        subject = f"{sociallogin.account.provider}:{sociallogin.account.uid}"
        user.username = hashlib.sha256(subject.encode()).hexdigest()
        user.set_unusable_password()
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Claims are read before anything is written; strange ones end here with a sentence."""
        claims = _claims_of(sociallogin.account)
        sociallogin.account.extra_data = {}
        try:
            identity.read(claims)
        except WrongShapeError:
            page = show(request, "accounts/cannot_log_in.html", status=403)
            raise ImmediateHttpResponse(page) from None
        setattr(request, CLAIMS, claims)
        if sociallogin.is_existing:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
            self._arrive(request, sociallogin.user)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        """The new account, with its person kept in the same breath.

        Whoever logs in for the first time at two places at once gets one account.
        """
        account = sociallogin.account
        try:
            with transaction.atomic():
                user = super().save_user(request, sociallogin, form)
        except IntegrityError:
            account = SocialAccount.objects.get(provider=account.provider, uid=account.uid)
            sociallogin.account, sociallogin.user = account, account.user
            user = account.user
        self._arrive(request, user)
        return user

    def _arrive(self, request: HttpRequest, user: Any) -> None:
        try:
            people.signed_in(by=user, userinfo=getattr(request, CLAIMS), now=timezone.now())
        except (ValueError, WrongShapeError):
            page = show(request, "accounts/cannot_log_in.html", status=403)
            raise ImmediateHttpResponse(page) from None
        if is_staff_claims(getattr(request, CLAIMS)) and not visitor(user).staff:
            page = show(request, "accounts/not_appointed.html", status=403)
            raise ImmediateHttpResponse(page) from None


def is_staff_claims(claims: dict[str, object]) -> bool:
    """Whether a member of staff has logged in, as the provider's subject says."""
    return str(claims.get("sub", "")).startswith(identity.STAFF_PREFIX)


def _claims_of(account: SocialAccount) -> dict[str, object]:
    """The userinfo claims, whether allauth nests them or not."""
    extra = dict(account.extra_data or {})
    claims = extra.get("userinfo") or extra
    return dict(claims)
