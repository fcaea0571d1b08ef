"""Who works at the console in the page tests: one person in each role of a service centre."""

from django.contrib.auth.models import User
from django.test import Client

from tests.web.cast import client_of
from yijian.records import people
from yijian.records.models import Staff
from yijian.records.people import StaffRole

OFFICE = "340100WJ"


def at_console(*roles: StaffRole, office: str = OFFICE, number: str = "") -> Client:
    """Somebody with these roles, at a browser."""
    return client_of(user_with(*roles, office=office, number=number))


def user_with(*roles: StaffRole, office: str = OFFICE, number: str = "") -> User:
    """A user with these roles."""
    name = number or f"C-{'-'.join(roles)}"
    user = User.objects.create(username=f"console:{name}")
    people.appoint(by=user, office=office, staff_number=name, roles=roles, name="周敏")
    return user


def staff_row(number: str) -> Staff:
    """The row of a staff number as it is now."""
    return Staff.objects.get(staff_number=number)
