"""The sign of life that supervisors and load balancers ask for."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_healthy_node_says_ok(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
