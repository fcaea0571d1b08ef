"""Documents are set by a worker; whatever goes wrong on the way, none is lost and none holds up."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.api.conftest import FAMILIES, keep_family
from tests.records.families import BABY
from tests.records.test_documents import content, wanted
from yijian.actions import documents as actions
from yijian.documents import making
from yijian.documents.making import Made
from yijian.documents.seals import SealRefusedError
from yijian.documents.seals.ofd import examine_ofd
from yijian.documents.typesetting import MissingGlyphError
from yijian.domain.documents import Content, SealPlace
from yijian.ops import setting
from yijian.records import cases, documents, journal
from yijian.records.documents import Claimed
from yijian.records.mapping import LoadedCase
from yijian.records.models import DocumentRow

pytestmark = pytest.mark.django_db


def made(claimed: Claimed) -> Made:
    return Made({"pdf": b"%PDF " + str(claimed.id).encode()}, 1)


@pytest.fixture
def loaded(node: None) -> LoadedCase:
    return keep_family()


def later() -> None:
    """Let every pause and every claim be over."""
    past = timezone.now() - timedelta(hours=1)
    DocumentRow.objects.filter(state="setting").update(claimed_until=past)
    DocumentRow.objects.update(not_before=past)


def ask(loaded: LoadedCase, *abouts: str) -> None:
    documents.ask([wanted(loaded, about) for about in abouts], now=timezone.now())


def states(loaded: LoadedCase) -> dict[str, tuple[str, str]]:
    return {one.about: (one.state, one.problem) for one in documents.of_case(loaded.id)}


def test_a_document_becomes_a_file_and_the_journal_says_which(loaded: LoadedCase) -> None:
    ask(loaded, "a")
    assert setting.set_documents() == 1
    (found,) = documents.of_case(loaded.id)
    assert found.ready and found.pages >= 1
    assert loaded.key is not None
    pdf = documents.file_of(key=loaded.key, document_id=found.id, format="pdf")
    assert pdf is not None and pdf.startswith(b"%PDF-")
    ofd = documents.file_of(key=loaded.key, document_id=found.id, format="ofd")
    assert ofd is not None and found.formats == ("pdf", "ofd")
    entry = journal.entries_of(loaded.id)[-1]
    assert entry.kind == "document_issued"
    public = entry.event.public
    files = public["files"]
    assert isinstance(files, dict)
    assert public["document"] == str(found.id)
    assert files["pdf"]["sha256"] == actions.file(pdf).sha256.hex() == found.sha256["pdf"]
    assert BABY not in entry.body and "王芳" not in entry.body


def test_documents_of_many_cases_are_issued_in_one_batch(node: None) -> None:
    families = [keep_family(name) for name in FAMILIES]
    documents.ask([wanted(each) for each in families], now=timezone.now())
    assert setting.set_documents(made) == len(FAMILIES)
    for each in cases.read(ids=[family.id for family in families]):
        assert journal.replay(each.case).version == each.case.version
        assert journal.entries_of(each.id)[-1].kind == "document_issued"


def test_a_character_no_font_has_becomes_a_case_for_a_person_and_stops_no_other(
    loaded: LoadedCase,
) -> None:
    rare = wanted(loaded, "rare", content=content("李\U0010fffd"))
    documents.ask([rare, wanted(loaded, "plain")], now=timezone.now())
    assert setting.set_documents() == 1
    assert states(loaded) == {"rare": ("needs_person", "missing_glyph"), "plain": ("ready", "")}
    (needing,) = documents.needing_a_person(offices=["H01"])
    assert needing.about == "rare"


def test_a_full_disk_loses_nothing_and_the_document_comes_when_there_is_room(
    loaded: LoadedCase,
) -> None:
    def full(claimed: Claimed) -> Made:
        raise OSError(errno.ENOSPC, "No space left on device")

    ask(loaded, "a", "b")
    assert setting.set_documents(full) == 0
    assert set(states(loaded).values()) == {("waiting", "OSError")}
    assert setting.set_documents(made) == 0
    later()
    assert setting.set_documents(made) == 2


def test_a_disk_that_stays_full_for_long_makes_no_document_a_case_for_a_person(
    loaded: LoadedCase,
) -> None:
    def full(claimed: Claimed) -> Made:
        raise OSError(errno.ENOSPC, "No space left on device")

    ask(loaded, "a")
    for _ in range(setting.MOST_ATTEMPTS + 2):
        later()
        setting.set_documents(full)
    assert states(loaded) == {"a": ("waiting", "OSError")}


@pytest.mark.parametrize(("passing", "state"), [(True, "waiting"), (False, "failed")])
def test_a_seal_that_is_refused_is_waited_for_or_told_to_a_person(
    loaded: LoadedCase, passing: bool, state: str
) -> None:
    def refuses(claimed: Claimed) -> Made:
        raise SealRefusedError("no_seal_for_office", passing=passing)

    ask(loaded, "a")
    setting.set_documents(refuses)
    ((found, _),) = states(loaded).values()
    assert found == state


def test_a_notice_bears_the_seal_of_its_office_on_both_files(loaded: LoadedCase) -> None:
    content_ = content()
    sealed = replace(content_, blocks=(*content_.blocks, SealPlace("合肥市卫生健康委员会", "今天")))
    documents.ask([wanted(loaded, content=sealed, sealed_by="H01")], now=timezone.now())
    assert setting.set_documents() == 1
    (found,) = documents.of_case(loaded.id)
    assert loaded.key is not None and found.formats == ("pdf", "ofd")
    files = {
        name: documents.file_of(key=loaded.key, document_id=found.id, format=name)
        for name in ("pdf", "ofd", "ses")
    }
    pdf, ofd, record = files["pdf"], files["ofd"], files["ses"]
    assert pdf is not None and ofd is not None and record is not None
    assert b"/ETSI.CAdES.detached" in pdf
    examined = examine_ofd(ofd)
    assert len(examined.seals) == 1 and "合肥市卫生健康委员会" in str(examined.seals[0])


def test_a_compiler_that_panics_is_survived(loaded: LoadedCase) -> None:
    class Panic(BaseException):
        pass

    def panics(claimed: Claimed) -> Made:
        raise Panic

    ask(loaded, "a")
    assert setting.set_documents(panics) == 0
    assert states(loaded) == {"a": ("waiting", "Panic")}


def test_what_never_works_is_given_to_a_person_in_the_end(loaded: LoadedCase) -> None:
    def breaks(claimed: Claimed) -> Made:
        raise RuntimeError

    ask(loaded, "a")
    for _ in range(setting.MOST_ATTEMPTS + 1):
        later()
        setting.set_documents(breaks)
    assert states(loaded) == {"a": ("failed", "given_up")}
    assert not documents.due(now=timezone.now() + timedelta(days=1))


def test_a_document_that_kills_its_worker_holds_up_no_other(loaded: LoadedCase) -> None:
    deadly = wanted(loaded, "deadly", content=content())
    documents.ask([wanted(loaded, "a"), deadly, wanted(loaded, "b")], now=timezone.now())
    (row,) = DocumentRow.objects.filter(about="deadly")
    for _ in range(setting.MOST_ATTEMPTS + 2):
        later()
        try:
            setting.set_documents(lambda one: _dying(one, row.id))
        except SystemExit:
            continue
    found = states(loaded)
    assert (found["a"], found["b"]) == (("ready", ""), ("ready", ""))
    assert found["deadly"] == ("failed", "given_up")


def _dying(claimed: Claimed, deadly: object) -> Made:
    """Ends the worker over one document, as an abort in the compiler would."""
    if claimed.id == deadly:
        raise SystemExit
    return made(claimed)


def test_a_database_that_cannot_write_the_file_keeps_the_document_waiting(
    loaded: LoadedCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OperationalError("could not extend file: No space left on device")

    ask(loaded, "a")
    with monkeypatch.context() as patched:
        patched.setattr(documents, "settle", refuses)
        with pytest.raises(OperationalError):
            setting.set_documents(made)
    (again,) = cases.read(ids=[loaded.id])
    assert again.case.version == loaded.case.version
    later()
    assert setting.set_documents(made) == 1


def test_a_document_without_its_twin_is_still_the_document(
    loaded: LoadedCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(pdf: bytes, content: Content) -> bytes:
        raise ValueError

    ask(loaded, "a")
    monkeypatch.setattr(making, "ofd_of", breaks)
    assert setting.set_documents() == 1
    (found,) = documents.of_case(loaded.id)
    assert (found.formats, found.problem) == (("pdf",), "no_ofd")


def test_missing_characters_are_told_to_no_log(
    loaded: LoadedCase, caplog: pytest.LogCaptureFixture
) -> None:
    def lacks(claimed: Claimed) -> Made:
        raise MissingGlyphError("𬀩")

    ask(loaded, "a")
    setting.set_documents(lacks)
    assert "missing_glyph" in caplog.text and "𬀩" not in caplog.text
