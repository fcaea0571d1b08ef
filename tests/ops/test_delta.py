"""Two nodes, a bad line between them, processes killed: every task is done once, and all agree."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ops.faulty_line import Fault, FaultyLine
from yijian.ops import delta_families
from yijian.ops.delta import Delta
from yijian.ops.delta_layout import HUB, Layout, neighbours_of, read_layout
from yijian.ops.delta_walk import invited, pair_of
from yijian.ops.delta_walking import HASTE, Walked, agreed, bring, ground_of, walk_pair
from yijian.ops.ports import free_port
from yijian.packs.examples import load_example
from yijian.packs.families import as_json

PACKS = Path("packs")
PROVINCE = "310000"
NODE = f"province-{PROVINCE}"
PATIENCE = 40
RATES = {
    Fault.REFUSE: 0.08,
    Fault.LOST_REQUEST: 0.08,
    Fault.LOST_ANSWER: 0.12,
    Fault.REPEATED: 0.2,
    Fault.DELAYED: 0.2,
}
SIGNED, REGISTERED = "签名：", "出生登记：complete"
"""Between these steps the lines are bad. What was tried in vain till then comes late, after."""
KILLS = {
    "核对一遍": ((HUB, "worker"),),
    "submitted": ((NODE, "web"),),
    "《出生医学证明》签发：complete": ((NODE, "worker"),),
    "领取《出生医学证明》": ((NODE, "web"), (HUB, "web")),
}
"""A step of the walk, and who is killed the moment it is told."""


@pytest.fixture(scope="module")
def whole() -> Layout:
    return read_layout(PACKS)


@pytest.fixture(scope="module")
def pair_of_nodes(whole: Layout) -> Layout:
    """The hub and one province; the other provinces work at the hub's desk."""
    others = [p.division for p in whole.provinces if p.division != PROVINCE]
    return read_layout(PACKS, whole.pack, others)


@contextmanager
def behind_bad_lines(folder: Path, layout: Layout) -> Iterator[tuple[Delta, list[FaultyLine]]]:
    """A region whose nodes are reached only through lines, which are good until they are told."""
    with ExitStack() as stack:
        ports = {code: free_port("127.0.0.1") for code in layout.codes}
        lines = {
            code: stack.enter_context(FaultyLine(free_port("127.0.0.1"), port))
            for code, port in ports.items()
        }
        delta = Delta(
            folder,
            layout,
            ports=dict(ports),
            fronts={code: line.address for code, line in lines.items()},
            settings={"UNDO_SECONDS": "1"},
            sandbox_options=HASTE,
            families=False,
        )
        stack.enter_context(delta)
        yield delta, list(lines.values())


@pytest.mark.timeout(300)
def test_whatever_fails_between_two_nodes_every_task_is_done_once(
    tmp_path: Path, pair_of_nodes: Layout
) -> None:
    with behind_bad_lines(tmp_path, pair_of_nodes) as (delta, lines):
        ground = ground_of(delta)
        ((pair, guest),) = invited(
            pair_of_nodes, [(PROVINCE, PROVINCE)], secrets.token_hex(4), datetime.now(UTC)
        )
        bring(ground, [guest])
        left = dict(KILLS)

        def kill_at(what: str) -> None:
            if SIGNED in what:
                for line in lines:
                    line.rates = dict(RATES)
            if REGISTERED in what:
                for line in lines:
                    line.heal()
            for words in [words for words in left if words in what]:
                for code, name in left.pop(words):
                    delta.nodes[code].kill(name)

        walked: Walked = walk_pair(
            ground, pair, guest, threading.Event(), patience=PATIENCE, hears=kill_at
        )
        for line in lines:
            line.heal()
        delta.await_healthy()
        met = sum((line.met for line in lines), start=type(lines[0].met)())
        assert walked.problem == ""
        assert left == {}
        assert sum(met[fault] for fault in RATES) > 0
        assert agreed(ground, [(guest, walked.number)]) == []


def test_a_family_is_known_only_where_it_has_to_do_with(whole: Layout) -> None:
    path = PACKS / whole.pack / "examples" / "19-resident-printing-third-province.yaml"
    family = as_json(load_example(PACKS, path))
    known = {
        province.division: delta_families.piece_of(family, province) for province in whole.provinces
    }
    born, registered, lives = known["310000"], known["340000"], known["330000"]
    assert known["320000"] is None
    assert born is not None and registered is not None and lives is not None
    assert born["delivery"] and not born["mother"]["hukou"] and not born["marriage"]
    assert registered["mother"]["hukou"] and registered["marriage"] and not registered["delivery"]
    assert not lives["delivery"] and not lives["mother"]["hukou"]
    assert pair_of(family, ("310000", "340000")) == ("310000", "340000")


def test_each_node_is_told_of_its_neighbours_and_no_others(whole: Layout) -> None:
    addresses = {code: f"http://{code}.test" for code in whole.codes}
    hub, province = (neighbours_of(whole, code, addresses) for code in (HUB, NODE))
    assert [one["code"] for one in hub["partners"]] == list(whole.codes[1:])
    assert {rule["participant"] for rule in hub["channels"]} == set(whole.codes[1:])
    assert [one["code"] for one in province["partners"]] == [HUB]
    assert province["offices"] == "31" and province["channels"] == []


def test_the_offices_of_a_province_without_a_node_stay_at_the_hubs_desk() -> None:
    layout = read_layout(PACKS, "", ["330000"])
    addresses = {code: f"http://{code}.test" for code in layout.codes}
    rules = neighbours_of(layout, HUB, addresses)["channels"]
    assert {"division": "33", "channel": "desk"} in rules
    assert "province-330000" not in layout.codes


def test_a_province_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="999999"):
        read_layout(PACKS, "", ["999999"])
