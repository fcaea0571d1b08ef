"""Shared by tests of rows: people, offices and a signing key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.contrib.auth.models import User

from tests.records.families import NOW, SCHEME
from yijian.records import people
from yijian.records.people import Identity, StaffRole


@pytest.fixture
def node_key() -> Ed25519PrivateKey:
    """The node's signing key, in the file where the settings expect it."""
    key = load_pem_private_key(settings.YIJIAN.signing_key_path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


@pytest.fixture
def offices(db: None) -> None:
    """The hospital and the police stations of the small scheme."""
    people.put_offices(SCHEME.directory.offices)


@pytest.fixture
def parent(db: None) -> Callable[[str, str], User]:
    """Makes users with a verified identity."""

    def make(name: str, id_number: str) -> User:
        user = User.objects.create(username=f"person-{id_number[-4:]}")
        identity = Identity(name, "111", id_number, "13800138000")
        people.remember_person(by=user, identity=identity, now=NOW)
        return user

    return make


@pytest.fixture
def clerk(offices: None) -> Callable[..., User]:
    """Makes members of staff."""

    def make(office: str, *roles: StaffRole) -> User:
        user = User.objects.create(username=f"staff-{User.objects.count()}")
        people.appoint(by=user, office=office, staff_number=user.username, roles=roles, name="陈静")
        return user

    return make
