"""The collection tables of a day: what changed, whole, the same each time, and nobody unnoticed."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.actions.cast import CERTIFICATE, Household, clerk_of
from tests.actions.conftest import family, submitted
from tests.actions.test_tasks import issue
from yijian.domain.national_tables import TABLES
from yijian.domain.states import TaskState
from yijian.ops import cases_export
from yijian.records.models import AccessEntry

__all__ = ["family", "submitted"]
DAY = date(2026, 11, 21)
Rows = dict[str, list[dict[str, str]]]


def exported(into: Path, day: date = DAY) -> Rows:
    after = datetime.combine(day + timedelta(days=1), datetime.min.time()).astimezone()
    done = cases_export.export(
        day=day, into=into, by="S-0042", purpose="national_collection",
        now=after + timedelta(days=1),
    )  # fmt: skip
    found = {}
    for table in TABLES:
        with (done.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            found[table] = list(csv.DictReader(file))
    return found


def of(rows: Rows, table: str, part: str) -> list[dict[str, str]]:
    return [row for row in rows[table] if row["project_no"] == part]


@pytest.fixture
def issued(submitted: Household) -> Household:
    """The birth certificate is done, the rest is on its way."""
    issue(submitted)
    return submitted


def part(household: Household, place: int) -> str:
    return f"{household.number}{place:02d}01"


def test_a_finished_item_stands_in_every_table_it_belongs_to(
    issued: Household, tmp_path: Path
) -> None:
    rows = exported(tmp_path)
    certificate = part(issued, 1)
    (accepted,) = of(rows, "UP_PRO_ACCEPT", certificate)
    mother = issued.facts.family["mother"]
    assert (accepted["applyer_name"], accepted["applyer_page_code"]) == (
        mother["name"], mother["id_number"],
    )  # fmt: skip
    assert accepted["accept_date"].startswith("2026-11-21") and accepted["promise_date"]
    (result,) = of(rows, "UP_PRO_RESULT", certificate)
    (licence,) = of(rows, "UP_LIC_DATA", certificate)
    assert result["result_type"] == "0" and result["is_delivery_results"] == "1"
    assert result["result_cetr_no"] == licence["license_number"] != ""
    assert licence["license_status"] == "有效"
    steps = [row["event_name"] for row in of(rows, "UP_PRO_PROCESS", certificate)]
    assert steps == ["01", "02", "05", "06"]
    materials = {row["get_type"] for row in of(rows, "UP_PRO_MATERIAL", certificate)}
    assert materials and materials <= {"共享", "电子", "纸质"}
    everything = [row for table in rows.values() for row in table]
    assert {row["cd_operation"] for row in everything} == {"I"}
    assert {row["cd_batch"] for row in everything} == {"20261121"}


def test_a_later_day_tells_only_what_has_changed(submitted: Household, tmp_path: Path) -> None:
    submitted.now += timedelta(days=1)
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(hospital, CERTIFICATE, TaskState.ACCEPTED)
    rows = exported(tmp_path, DAY + timedelta(days=1))
    told = [(row["event_name"], row["cd_operation"]) for row in rows["UP_PRO_PROCESS"]]
    assert told == [("01", "U"), ("02", "I")]
    assert [row["cd_operation"] for row in rows["UP_PRO_ACCEPT"]] == ["I"]
    assert rows["UP_PRO_RESULT"] == []


def test_a_correction_is_a_pause_that_begins_and_stays_open(
    submitted: Household, tmp_path: Path
) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(
        hospital, CERTIFICATE, TaskState.CORRECTION_NEEDED,
        reason="name_wrong", reason_text="名字写错了", correct=("newborn_name",),
    )  # fmt: skip
    rows = exported(tmp_path)
    (pause,) = of(rows, "UP_PRO_SPECIAL_PROCEDURE", part(submitted, 1))
    assert pause["special_name"] == "补正告知" and pause["special_end_time"] == ""
    assert pause["special_reason"] == "name_wrong"


def test_the_same_day_gives_the_same_bytes_and_the_manifest_counts_them(
    issued: Household, tmp_path: Path
) -> None:
    exported(tmp_path)
    (folder,) = tmp_path.iterdir()
    first = {file.name: file.read_bytes() for file in folder.iterdir()}
    exported(tmp_path)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == first
    manifest = json.loads(first["manifest.json"])
    assert manifest["cases"] == 1
    for one in manifest["files"]:
        data = first[one["name"]]
        assert one["sha256"] == hashlib.sha256(data).hexdigest()
        assert one["rows"] == one["I"] == data.count(b"\r\n") - 1
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_who_took_a_familys_data_out_stands_in_its_access_log(
    issued: Household, tmp_path: Path
) -> None:
    exported(tmp_path)
    (entry,) = AccessEntry.objects.filter(what="export")
    assert (entry.case_id, entry.staff, entry.purpose) == (
        issued.id, "S-0042", "national_collection",
    )  # fmt: skip


def test_a_draft_goes_nowhere_and_a_day_that_lasts_is_refused(
    family: Household, tmp_path: Path
) -> None:
    family.open().answer().name()
    assert all(rows == [] for rows in exported(tmp_path).values())
    with pytest.raises(ValueError, match="not over"):
        cases_export.export(day=DAY, into=tmp_path, by="S-0042", purpose="x", now=family.now)
