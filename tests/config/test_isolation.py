"""The tests themselves are fenced in: no network but this machine, no settings but their own."""

from __future__ import annotations

import os
import socket
import warnings
from datetime import timedelta

import pytest
from django.conf import settings
from pytest_socket import SocketConnectBlockedError

from tests.conftest import NOW


def test_no_test_reaches_another_machine() -> None:
    # The refusal announces itself by a warning, which is an error here before it is one by itself.
    with pytest.raises((SocketConnectBlockedError, UserWarning), match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_test_reaches_what_it_started_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="careless"):
        warnings.warn("careless", UserWarning, stacklevel=1)


def test_no_setting_of_this_machine_leaks_in() -> None:
    assert settings.YIJIAN.var_dir.name.startswith("yijian-test-")
    assert os.environ["YIJIAN_VAR_DIR"] == str(settings.YIJIAN.var_dir)


def test_the_fixed_now_is_a_moment_in_shanghai() -> None:
    assert NOW.utcoffset() == timedelta(hours=8)
