"""The addresses that belong to no page: the sign of life, and what allauth must not show."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.mark.django_db
def test_a_healthy_node_says_ok(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/3rdparty/", "/accounts/social/connections/"])
def test_nobody_can_unlink_the_only_way_in(client: Client, path: str) -> None:
    client.force_login(User.objects.create(username="王芳"))
    assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/", "/admin/"])
def test_there_is_no_password_and_no_second_console(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
