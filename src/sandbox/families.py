"""Which families exist (家庭目录): generated ones and those sent in, found by ID number."""

import hashlib
import json
import threading
from datetime import date
from typing import Any

from sandbox.population import Family, make_population
from sandbox.scenarios import SCENARIOS
from sandbox.settings import Settings
from sandbox.store import Store


class FamilyRefused(ValueError):
    """A family that was sent in cannot be kept."""


def subject_of(id_number: str) -> str:
    """Return the identity provider's name for a person: stable, and not the number itself."""
    return "person-" + hashlib.sha256(f"sandbox {id_number}".encode()).hexdigest()[:20]


def people_of(family: Family) -> dict[str, Family]:
    """Return the people of a family who have a number, by the role they are kept under."""
    return {
        role: person
        for role, person in family.items()
        if isinstance(person, dict) and person.get("id_number") and person.get("name")
    }


class Families:
    """All families by id, and the people in them; a later family wins over an earlier one."""

    def __init__(self, store: Store, settings: Settings, *, today: date) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._families: dict[str, Family] = {}
        self._people: dict[str, tuple[Family, Family]] = {}
        self._subjects: dict[str, str] = {}
        self._phones: dict[str, str] = {}
        self._mothers: dict[str, list[Family]] = {}
        anchor = {"today": (settings.today or today).isoformat()}
        store.put_new("meta", "anchor", anchor)
        kept = store.get("meta", "anchor") or anchor
        self.today = settings.today or date.fromisoformat(kept["today"])
        for family in make_population(
            seed=settings.seed,
            today=self.today,
            home=settings.home,
            generate=settings.generate,
            scenarios=SCENARIOS,
        ):
            self._index(family)
        for family in store.documents("families"):
            self._index(family)

    def _index(self, family: Family) -> None:
        with self._lock:
            before = self._families.get(family["id"])
            if before and before.get("mother"):
                self._mothers.get(before["mother"]["id_number"], []).remove(before)
            self._families[family["id"]] = family
            for person in people_of(family).values():
                number = person["id_number"]
                self._people[number] = (family, person)
                self._subjects[subject_of(number)] = number
                if person.get("phone"):
                    self._phones[person["phone"]] = number
            if family.get("mother"):
                self._mothers.setdefault(family["mother"]["id_number"], []).append(family)

    def add(self, family: Any) -> tuple[str, bool]:
        """Keep a complete family; return its id and whether anything was new."""
        checked = _checked(family)
        with self._lock:
            if self._families.get(checked["id"]) == checked:
                return checked["id"], False
            self._store.put("families", checked["id"], checked)
            self._index(checked)
        return checked["id"], True

    def everyone(self) -> list[Family]:
        """Return all families in the order they were first known."""
        with self._lock:
            return list(self._families.values())

    def get(self, family_id: str) -> Family | None:
        """Return the family with this id."""
        return self._families.get(family_id)

    def of_mother(self, id_number: str) -> list[Family]:
        """Return the families in which this number is the mother's."""
        with self._lock:
            return list(self._mothers.get(id_number, []))

    def person(self, id_number: str) -> tuple[Family, Family] | None:
        """Return a person's family and the person."""
        return self._people.get(id_number)

    def numbers(self) -> list[str]:
        """Return the ID numbers of all people."""
        with self._lock:
            return list(self._people)

    def by_subject(self, subject: str) -> tuple[Family, Family] | None:
        """Return a person by identity subject, or by `family-id/role`: mother, father …"""
        family_id, _, role = subject.rpartition("/")
        family = self._families.get(family_id)
        if family and role in people_of(family):
            return family, family[role]
        number = self._subjects.get(subject)
        return self._people.get(number) if number else None

    def mentioned_in(self, values: Any) -> Family | None:
        """Return the family that a department's data speaks of: by ID number, else by phone."""
        texts = _texts(values)
        for text in texts:
            if text in self._people:
                return self._people[text][0]
        for text in texts:
            if text in self._phones:
                return self._people[self._phones[text]][0]
        return None


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


def _checked(family: Any) -> Family:
    if not isinstance(family, dict):
        raise FamilyRefused("a family is a JSON object")
    people = people_of(family)
    mother = family.get("mother")
    if not people or (mother is not None and "mother" not in people):
        raise FamilyRefused("name and id_number are needed: of the mother, or of anybody at all")
    father = family.get("father")
    if father is not None and not (isinstance(father, dict) and father.get("id_number")):
        raise FamilyRefused("father.id_number is needed, or no father")
    if not isinstance(family.get("newborns"), list):
        raise FamilyRefused("newborns is a list")
    if not all(isinstance(newborn, dict) for newborn in family["newborns"]):
        raise FamilyRefused("each newborn is a JSON object")
    for key in ("delivery", "marriage", "maternity"):
        if not isinstance(family.get(key), dict | None):
            raise FamilyRefused(f"{key} is a JSON object or null")
    text = json.dumps(family, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    name = next(iter(people.values()))["name"]
    title = family.get("title") or {"zh": name, "en": name}
    if isinstance(title, str):
        title = {"zh": title, "en": title}
    return {**family, "id": str(family.get("id") or f"family-{digest}"), "title": title}
