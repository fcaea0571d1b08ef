"""Where the baby was born leads to a scheme; each scheme has its own door."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache

import pytest
from django.conf import settings
from django.test import Client

from yijian.actions import contexts, schemes, setup
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.records import people
from yijian.records.models import CaseRow

pytestmark = pytest.mark.django_db

SEVERAL = ("340000-anhui", "431222-yuanling", "yangtze-delta")
_load_once = cache(load_folder)
_offices = cache(load_directory)


@pytest.fixture
def several(fixed_now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A node that runs three schemes: two of one province, one that has windows alone."""
    chosen = settings.YIJIAN.model_copy(update={"packs": ",".join(SEVERAL)})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    for code in SEVERAL:
        setup.publish_pack(code, now=fixed_now)
    folder = settings.YIJIAN.packs_dir
    people.put_offices(setup.merged(o for c in SEVERAL for o in _offices(folder, c).offices))
    contexts.forget()
    yield
    contexts.forget()


@pytest.fixture
def text(client: Client) -> Callable[[str], str]:
    """The words of a public page."""

    def read(address: str) -> str:
        page = client.get(address)
        assert page.status_code == 200, address
        return page.content.decode()

    return read


def test_the_first_page_asks_one_thing_where_the_baby_was_born(
    several: None, text: Callable[[str], str], client: Client
) -> None:
    page = text("/")
    assert "宝宝在哪里出生？" in page
    for place in ("上海市", "江苏省", "浙江省", "安徽省", "湖南省怀化市沅陵县"):
        assert page.count(f">{place}</a>") == 1
    assert 'href="/at/340000-anhui/?at=340000"' in page
    assert 'href="/at/yangtze-delta/?at=310000"' in page
    assert "四川省" not in page and "开始办理" not in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = text("/")
    assert "Where was your baby born?" in page and ">Anhui Province</a>" in page


def test_the_scheme_that_leads_at_a_place_says_which_other_there_is(
    several: None, text: Callable[[str], str]
) -> None:
    page = text("/at/340000-anhui/?at=340000")
    assert 'href="/my/new/?scheme=340000-anhui"' in page
    assert "这里还有一个方案" in page and 'href="/at/yangtze-delta/?at=340000"' in page
    assert "这里还有一个方案" not in text("/at/431222-yuanling/")


def test_a_scheme_without_an_online_door_says_where_its_windows_are_and_what_to_bring(
    several: None, text: Callable[[str], str], client: Client
) -> None:
    page = text("/at/431222-yuanling/?at=431222")
    assert "开始办理" not in page and "/my/new/" not in page
    window = next(iter(contexts.directory().of_kind("midwifery_institution")), None)
    hospitals = [
        office
        for office in contexts.directory().of_kind("midwifery_institution")
        if office.division == "431222"
    ]
    assert window is not None and hospitals
    for office in hospitals:
        assert office.title.zh in page and office.phone in page and office.address in page
    assert "去窗口带什么" in page
    assert "开始办理" not in text("/guide/431222-yuanling/answer/")


def test_a_place_that_is_not_open_yet_is_told_before_anything_is_asked(
    several: None, text: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, fixed_now: datetime
) -> None:
    delta = contexts.current_pack("yangtze-delta")
    switch = next(one for one in delta.switches if not one.items and not one.divisions)
    assert switch.until_on is not None
    before = datetime.combine(switch.from_on, fixed_now.timetz())
    monkeypatch.setattr("django.utils.timezone.now", lambda: before)
    page = text("/at/yangtze-delta/?at=310000")
    assert "这里还没有开通" in page and switch.text.zh in page
    assert "开始办理" not in page
    after = datetime.combine(switch.until_on, fixed_now.timetz())
    monkeypatch.setattr("django.utils.timezone.now", lambda: after)
    assert switch.text.zh not in text("/at/yangtze-delta/?at=310000")


def test_a_switch_for_some_places_leaves_the_others_open(several: None) -> None:
    delta = contexts.current_pack("yangtze-delta")
    partial = next(one for one in delta.switches if one.divisions)
    day = partial.from_on
    named = partial.divisions[0]
    assert partial in schemes.switched_off(delta, named, day)
    assert partial in schemes.switched_off(delta, f"{named[:2]}0000", day)
    assert partial not in schemes.switched_off(delta, "350000", day)
    assert partial not in schemes.switched_off(delta, named, date(2000, 1, 1))


def test_what_a_family_has_to_do_is_said_as_each_scheme_has_it(
    several: None, text: Callable[[str], str]
) -> None:
    light, pictures = "要打字的只有宝宝的名字，不用上传证件", "查不到的才要拍照"
    for code, said, unsaid in (
        ("340000-anhui", light, pictures),
        ("yangtze-delta", pictures, light),
    ):
        page = text(f"/at/{code}/")
        assert said in page and unsaid not in page
    window = text("/at/431222-yuanling/")
    assert light not in window and pictures not in window


@pytest.mark.parametrize("address", ["/at/nothing/", "/guide/nothing/", "/guide/nothing/answer/"])
def test_a_scheme_that_the_node_does_not_run_has_no_page(
    several: None, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_the_guides_of_all_schemes_stand_on_one_page(
    several: None, text: Callable[[str], str]
) -> None:
    page = text("/guide/")
    for code in SEVERAL:
        assert f'href="/guide/{code}/"' in page
        assert "看结果" in text(f"/guide/{code}/")


def test_an_application_goes_to_the_scheme_whose_door_it_came_through(
    several: None, family: object, client: Client
) -> None:
    mother = family.mother  # type: ignore[attr-defined]
    assert mother.get("/my/new/")["Location"] == "/"
    assert mother.get("/my/new/?scheme=nothing")["Location"] == "/"
    assert 'href="/at/340000-anhui/"' in mother.get("/my/?scheme=340000-anhui").content.decode()
    assert mother.post("/my/new/?scheme=340000-anhui").status_code == 302
    assert CaseRow.objects.get().pack == "340000-anhui"
