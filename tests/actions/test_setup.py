"""What a node needs before its first page: several packs, one directory, partners with keys."""

import pickle
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from yijian.actions import contexts, setup
from yijian.domain.routing import Directory, Office
from yijian.domain.wording import Text
from yijian.ops.keys import make_key_pair
from yijian.packs.building import load_folder
from yijian.packs.findings import PackError
from yijian.packs.offices import load_directory
from yijian.records import pack_versions, people
from yijian.records.models import Partner

pytestmark = pytest.mark.django_db

TWO = ("431222-yuanling", "340000-anhui")
HOSPITAL = Office("H1", "hospital", Text("医院", "Hospital"), "340104")
_load_once = cache(load_folder)
_offices_once = cache(load_directory)


@pytest.fixture
def two_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.YIJIAN.model_copy(update={"packs": ",".join(TWO)})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    monkeypatch.setattr(setup, "load_directory", _offices_once)
    contexts.forget()


def test_every_chosen_pack_is_published_and_every_participant_has_a_key(
    two_packs: None, now: datetime
) -> None:
    asked: list[str] = []

    def make_key(code: str) -> None:
        asked.append(code)
        make_key_pair(settings.YIJIAN.keys_folder, code)

    setup.prepare(demo=True, now=now, make_key=make_key)
    assert contexts.codes() == TWO
    assert [pack.code for pack in contexts.packs()] == list(TWO)
    named = {o.participant for o in contexts.directory().offices if o.participant}
    assert set(asked) == named == {partner.code for partner in Partner.objects.all()}
    tax = Partner.objects.get(code="tax-340000")
    assert tax.items == ["medical_insurance_payment"] and "340100SW" in tax.offices
    setup.prepare(demo=True, now=now, make_key=make_key)
    assert Partner.objects.count() == len(named), "it can be repeated"


def test_a_pack_is_asked_for_by_its_code(two_packs: None, now: datetime) -> None:
    setup.prepare(demo=False, now=now)
    assert contexts.current_context().pack.code == TWO[0]
    assert contexts.current_context(TWO[1]).pack.code == TWO[1]
    assert [context.pack.code for context in contexts.current_contexts()] == list(TWO)
    with pytest.raises(contexts.NoPackError):
        contexts.current_context("000000-base")
    assert [pack.code for pack in contexts.packs_at("431222")] == [TWO[0]]
    assert [pack.code for pack in contexts.packs_at("340104")] == [TWO[1]]
    assert contexts.packs_at("110101") == ()


def test_a_node_that_names_no_packs_runs_those_it_has_published(
    two_packs: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.prepare(demo=False, now=now)
    every = settings.YIJIAN.model_copy(update={"packs": ""})
    monkeypatch.setattr(settings, "YIJIAN", every)
    contexts.forget()
    assert contexts.codes() == tuple(sorted(TWO))


def test_a_version_counts_from_its_day_on(two_packs: None, now: datetime) -> None:
    first = date(2026, 1, 1)
    for version, day in (("1", first), ("2", first + timedelta(days=10))):
        pack_versions.keep(
            code="x", version=version, digest=version * 64, canonical="{}", in_force_from=day,
            now=now,
        )  # fmt: skip
    known = [
        pack_versions.digest_in_force(code="x", on=first + timedelta(days=days))
        for days in (-1, 0, 9, 10)
    ]
    assert known == [None, "1" * 64, "1" * 64, "2" * 64]
    assert "x" not in pack_versions.codes_in_force(on=first - timedelta(days=1))
    assert "x" in pack_versions.codes_in_force(on=first)


def test_an_office_that_two_packs_list_stands_once_and_must_be_the_same() -> None:
    assert setup.merged([HOSPITAL, HOSPITAL]) == [HOSPITAL]
    for other in (replace(HOSPITAL, kind="police"), replace(HOSPITAL, participant="x")):
        with pytest.raises(setup.OfficeTwiceError):
            setup.merged([HOSPITAL, other])


def test_an_office_that_is_listed_for_several_divisions_acts_for_all_of_them() -> None:
    more = [replace(HOSPITAL, division=code) for code in ("340103", "340104", "340103")]
    (one,) = setup.merged([HOSPITAL, *more])
    assert one.serves == ("340104", "340103")
    directory = Directory((one,))
    assert directory.nearest(HOSPITAL.kind, "340103") == one


def test_the_time_to_record_a_delivery_is_the_strictest_schemes_of_the_place(
    two_packs: None, now: datetime
) -> None:
    from yijian.actions.deliveries import hours_at

    setup.prepare(demo=False, now=now)
    people.put_offices([HOSPITAL])
    contexts.forget()
    anhui = contexts.current_pack("340000-anhui")
    assert hours_at("H1") == anhui.delivery_record_hours == 8
    people.put_offices([replace(HOSPITAL, division="110101")])
    contexts.forget()
    assert hours_at("H1") is None


def test_packs_are_read_in_another_process_and_so_is_what_is_wrong_with_them(
    tmp_path: Path,
) -> None:
    code = TWO[0]
    (read,) = setup.read_packs(settings.YIJIAN.packs_dir, (code,))
    assert pickle.loads(pickle.dumps(read)) == read and read.code == code and read.offices
    with pytest.raises(PackError) as wrong:
        setup.read_packs(tmp_path, ("nothing",))
    again = pickle.loads(pickle.dumps(wrong.value))
    assert isinstance(again, PackError) and again.findings == wrong.value.findings != ()
