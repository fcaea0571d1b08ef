"""The scanned pages of a received case are fetched from the node that lists them, and checked."""

import hashlib
import uuid
from typing import Any, cast

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.actions.cast import CERTIFICATE, Household
from tests.actions.cast_nodes import Sent, sent_by_hub
from yijian.actions import contexts
from yijian.actions.dispatching import dispatch_payload
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops.fetching_pages import MOST_ATTEMPTS, fetch_pages
from yijian.ops.outside import rests
from yijian.records import cases, materials
from yijian.records.models import MaterialRow

pytestmark = pytest.mark.django_db
MATERIAL = "id_card"
FIRST, SECOND = b"\xff\xd8\xff one", b"\xff\xd8\xff two"


class Hub:
    """Gives pages by address, or fails as told."""

    def __init__(self, pages: dict[str, bytes | CallFailedError]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def get_bytes(self, url: str, *, largest: int) -> bytes:
        self.asked.append(url)
        found = self.pages[url.rpartition("/")[2]]
        if isinstance(found, CallFailedError):
            raise found
        assert len(found) <= largest
        return found

    @property
    def caller(self) -> Caller:
        return cast(Caller, self)


def scan(content: bytes, page: int = 1) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"id": str(uuid.uuid4()), "material": MATERIAL, "page": page, "sha256": digest}


def waiting() -> list[dict[str, Any]]:
    """The arguments of the fetching jobs that wait."""
    jobs = ProcrastinateJob.objects.filter(task_name="fetch_pages", status="todo").order_by("id")
    return [dict(job.args) for job in jobs]


@pytest.fixture
def hub(family: Household) -> Sent:
    rests.answered("hub")
    return sent_by_hub(family, CERTIFICATE)


def receive(hub: Sent, *scans: object) -> None:
    assert hub.take(hub.event(CERTIFICATE, scans=list(scans))) == [("applied", "")]


def kept(hub: Sent) -> dict[str, bytes]:
    (loaded,) = cases.read(ids=[hub.id])
    assert loaded.key is not None
    pages = materials.pages_of(case_ids=[hub.id]).get(hub.id, [])
    found = [materials.picture(case_id=hub.id, key=loaded.key, page_id=p.id) for p in pages]
    return {str(each.page.id): each.data for each in found if each is not None}


def test_listed_pages_are_fetched_from_where_the_case_comes_from(hub: Sent) -> None:
    one, two = scan(FIRST), scan(SECOND, 2)
    receive(hub, one, two)
    assert waiting() == [{"case_id": str(hub.id), "attempts": 0}]
    there = Hub({one["id"]: FIRST, two["id"]: SECOND})
    assert fetch_pages(hub.id, ours=there.caller) == 2
    task = hub.payloads[CERTIFICATE]["task_id"]
    assert there.asked[0] == f"https://hub.test/api/v1/tasks/{task}/files/{one['id']}"
    assert kept(hub) == {one["id"]: FIRST, two["id"]: SECOND}
    row = MaterialRow.objects.get(id=one["id"])
    assert row.kept_by == "node:hub" and FIRST not in bytes(row.sealed or b"")
    assert fetch_pages(hub.id, ours=there.caller) == 0 and len(there.asked) == 2


def test_the_office_here_is_shown_the_list_it_was_sent(hub: Sent) -> None:
    one = scan(FIRST)
    receive(hub, one)
    fetch_pages(hub.id, ours=Hub({one["id"]: FIRST}).caller)
    payload = dispatch_payload(hub.case, CERTIFICATE, contexts.context_of(hub.case), hub.now)
    assert payload["scans"] == [one]


def test_a_page_that_is_another_is_not_kept_and_asked_for_again(hub: Sent) -> None:
    one, two = scan(FIRST), scan(SECOND, 2)
    receive(hub, one, two)
    assert fetch_pages(hub.id, ours=Hub({one["id"]: SECOND, two["id"]: SECOND}).caller) == 1
    assert kept(hub) == {two["id"]: SECOND}
    assert waiting()[-1] == {"case_id": str(hub.id), "attempts": 1}
    assert fetch_pages(hub.id, ours=Hub({one["id"]: FIRST}).caller) == 1
    assert len(kept(hub)) == 2


def test_a_node_that_does_not_answer_is_asked_again_later(hub: Sent) -> None:
    one = scan(FIRST)
    receive(hub, one)
    there = Hub({one["id"]: CallFailedError("timeout")})
    assert fetch_pages(hub.id, ours=there.caller) == 0
    assert fetch_pages(hub.id, attempts=1, ours=there.caller) == 0
    assert len(there.asked) == 1, "it rests"
    rests.answered("hub")
    assert [job["attempts"] for job in waiting()] == [0, 1, 2]


def test_asking_ends_at_last(hub: Sent) -> None:
    one = scan(FIRST)
    receive(hub, one)
    before = len(waiting())
    gone = Hub({one["id"]: CallFailedError("status_404", passing=False)})
    assert fetch_pages(hub.id, attempts=MOST_ATTEMPTS - 1, ours=gone.caller) == 0
    assert len(waiting()) == before


def test_a_replaced_page_takes_the_place_of_the_old_one(hub: Sent) -> None:
    old, new = scan(FIRST), scan(SECOND)
    receive(hub, old)
    fetch_pages(hub.id, ours=Hub({old["id"]: FIRST}).caller)
    assert hub.take(hub.event(CERTIFICATE, scans=[new], round=1)) == [("applied", "")]
    assert fetch_pages(hub.id, ours=Hub({new["id"]: SECOND}).caller) == 1
    assert kept(hub) == {new["id"]: SECOND}
    assert MaterialRow.objects.get(id=old["id"]).sealed is None


def test_a_list_of_another_shape_lists_nothing(hub: Sent) -> None:
    whole = scan(FIRST)
    receive(hub, *(whole | wrong for wrong in ({"id": "no"}, {"page": True}, {"sha256": "0"})))
    assert waiting() == [] and fetch_pages(hub.id, ours=Hub({}).caller) == 0


def test_a_case_of_this_node_fetches_nothing(family: Household) -> None:
    family.submit()
    assert fetch_pages(family.id, ours=Hub({}).caller) == 0
    assert waiting() == []
