"""What happens in a world: families come, machines fail and return; what holds at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tests.domain.federation_cast import DAY, HOUR, HUB, MINUTE, Killed, Letter, is_same
from tests.domain.federation_nodes import Department, Node
from tests.domain.federation_world import World
from yijian.domain.cases import progress
from yijian.domain.envelopes import TASK_REPORTED
from yijian.domain.events import Event
from yijian.domain.history import apply_all
from yijian.domain.invariants import history_violations, violations
from yijian.domain.parity import SharedTask, Standing, compared

BAD_DAYS, GOOD_DAYS = 4, 6
TAKEN_OVER = (
    Standing.DOWNSTREAM_LACKS,
    Standing.DOWNSTREAM_BEHIND,
    Standing.WITHDRAWN_UPSTREAM,
)


def live(seed: int, bugs: Iterable[str] = (), forced: Mapping[str, float] | None = None) -> World:
    """One world from its first family to long after the last fault; what is broken is in it."""
    world = World(seed, frozenset(bugs), forced or {})
    _schedule(world)
    world.run(world.now + BAD_DAYS * DAY)
    world.healed = True
    world.run(world.now + GOOD_DAYS * DAY)
    world.violations += broken(world)
    return world


def _schedule(world: World) -> None:
    some = world.random
    for n in range(some.randint(2, 5)):
        province = some.choice(world.provinces)
        after = MINUTE * some.randint(0, 2 * 24 * 60)
        number = f"N{n}"
        world.at(after, lambda p=province, n=number: _apply(world, n, p))  # type: ignore[misc]
    for hours in range(2, (BAD_DAYS + GOOD_DAYS) * 24, 2):
        world.at(HOUR * hours, lambda: _rounds(world))
    for hours in range(1, (BAD_DAYS + GOOD_DAYS) * 24):
        world.at(HOUR * hours + HOUR / 2, lambda: _work(world))
    for days in range(1, BAD_DAYS):
        world.at(DAY * days, lambda: _back_up(world))
    names = [*world.nodes, *world.departments]
    for _ in range(int(world.weather["outages"])):
        name, hours = some.choice(names), some.randint(1, 24)
        at = MINUTE * some.randint(60, (BAD_DAYS - 1) * 24 * 60)
        world.at(at, lambda n=name, h=hours: _go_down(world, n, h))  # type: ignore[misc]
    for _ in range(int(world.weather["restored"])):
        at, name = DAY * some.uniform(1.2, BAD_DAYS - 0.2), some.choice(names)
        world.at(at, lambda n=name: _restore(world, n))  # type: ignore[misc]
    for _ in range(int(world.weather["forged"])):
        world.at(DAY * some.uniform(0.5, BAD_DAYS), lambda: _forge(world))


def _apply(world: World, number: str, province: str, case_id: str | None = None) -> None:
    """A family applies; whoever saw no answer presses the button again."""
    id, hub = case_id or world.new_case_id(), world.nodes[HUB]
    try:
        if not world.is_down(HUB):
            if id not in hub.rows.cases:
                hub.submit(id, number, province)
            return
    except Killed:
        world.stumble(HUB)
    world.at(HOUR, lambda: _apply(world, number, province, id))


def _back_up(world: World) -> None:
    for node in world.nodes.values():
        node.tape = node.rows.backup()
    for department in world.departments.values():
        department.backup()


def _go_down(world: World, name: str, hours: int) -> None:
    world.sometimes["an outage"] += 1
    world.down[name] = world.now + HOUR * hours


def _restore(world: World, name: str) -> None:
    world.sometimes["a restore"] += 1
    world.restored.add(name)
    world.caught_up[name] = world.now
    somebody = world.everybody[name]
    somebody.restore()
    if isinstance(somebody, Department):
        somebody.learn(world.nodes[somebody.node])
        for task in somebody.works:
            somebody._work_on(task)


def _forge(world: World) -> None:
    """A province speaks about a task that is another's."""
    hub, some = world.nodes[HUB], world.random
    liar = some.choice(world.provinces)
    mine = {line.task for line in hub.lines(liar, "sent")}
    others = sorted(set(hub.rows.tasks) - mine)
    if not others:
        return
    task = some.choice(others)
    id = f"forged-{world.next()}"
    data = {
        "feedback_id": id,
        "task_id": task,
        "round": 0,
        "state": "declined",
        "at": world.now.isoformat(),
        "reason": {"code": "x", "text": ""},
    }
    letter = Letter(id, liar, HUB, TASK_REPORTED, "forged", 0, task, data)
    world.forged.append(letter)
    if not world.is_down(HUB):
        before = hub.rows.cases[hub.rows.tasks[task][0]]
        try:
            hub.take(letter)
        except Killed:
            world.stumble(HUB)
        world.sometimes["a forgery"] += 1
        if hub.rows.cases[hub.rows.tasks[task][0]] != before:
            world.violations.append(f"I12 {liar} changed a task that is another's")
        elif (liar, "unknown_task") not in hub.refused:
            world.violations.append("I12 a wrong sender was not recorded")


def _rounds(world: World) -> None:
    """What recurs: sweeping, polling, comparing, and people doing their work."""
    for department in world.departments.values():
        department.push()
        world.nodes[department.node].poll(department.name)
    for name in world.provinces:
        world.nodes[HUB].poll(name)
    for node in world.nodes.values():
        if not world.is_down(node.name):
            node.sweep()
    if not world.bug("nobody_compares"):
        for down, up in pairs(world):
            if not world.is_down(down.name) and world.reachable(up.name):
                converge(world, up, down)
    world.nodes[HUB].families()


def _work(world: World) -> None:
    for name in world.provinces:
        world.nodes[name].desks()


def pairs(world: World) -> Iterator[tuple[Node | Department, Node]]:
    """Every downstream with its upstream, the highest first."""
    for name in world.provinces:
        yield world.nodes[name], world.nodes[HUB]
    for department in world.departments.values():
        yield department, world.nodes[department.node]


def converge(world: World, up: Node, down: Node | Department) -> None:
    """One comparison, as `ops.converging` does it."""
    for task, found in compared(*_sides(up, down)).items():
        if found is Standing.SAME:
            world.disagreements.pop((down.name, task), None)
            continue
        world.sometimes[f"parity {found.value}"] += 1
        if found in (Standing.CONFLICT, Standing.UPSTREAM_LACKS):
            world.differ(down.name, task, found.value)
        elif found is Standing.UPSTREAM_BEHIND:
            _report_again(world, up, down, task)
        elif isinstance(down, Department):
            up.send_again(task, down.name)
        else:
            _take_over(world, up, down, task)
    if world.down.get(down.name, world.now) > world.now:
        return  # It died while it was catching up; the next comparison goes on.
    world.caught_up[down.name] = world.now
    if isinstance(down, Node):
        down.catching_up = False


def _sides(up: Node, down: Node | Department) -> tuple[list[SharedTask], list[SharedTask]]:
    above = up.lines(down.name, "sent")
    return above, down.lines(up.name, "received") if isinstance(down, Node) else down.lines()


def _report_again(world: World, up: Node, down: Node | Department, task: str) -> None:
    rows = down.rows.outbox if isinstance(down, Node) else down.reports
    mine = [r for r in rows if r.letter.task == task and r.letter.to == up.name]
    refused = [up.rows.inbox.get((down.name, r.letter.id), "") for r in mine]
    if not mine or (mine and all(refused) and "applied" not in refused[-1:]):
        world.differ(down.name, task, "upstream_behind")
    if isinstance(down, Node):
        down.send_again(task, up.name)
    else:
        for row in mine:
            row.state = "waiting"


def _take_over(world: World, up: Node, down: Node, task: str) -> None:
    if world.bug("nobody_takes_over"):
        return
    try:
        if not down.adopt(up, task):
            world.differ(down.name, task, "conflict")
    except Killed:
        world.stumble(down.name)


def broken(world: World) -> Iterator[str]:
    """Every invariant that does not hold after everything has healed."""
    for node in world.nodes.values():
        yield from _broken_node(world, node)
    for down, up in pairs(world):
        above, below = ({line.task: line for line in side} for side in _sides(up, down))
        for task in sorted({*above, *below}):
            one, other = above.get(task), below.get(task)
            agreed = one is not None and other is not None and is_same(one, other)
            stopped = other is None and one is not None and one.state.value in (
                "withdrawn", "offline",
            )  # fmt: skip
            if not agreed and not stopped and (down.name, task) not in world.disagreements:
                yield f"I8 {up.name} tells {one}, {down.name} tells {other}"
    yield from _broken_letters(world)
    if HUB not in world.restored:
        for (_case, about), times in world.told.items():
            if times > 1:
                yield f"I12 a family was told {times} times: {about}"


def _broken_node(world: World, node: Node) -> Iterator[str]:
    for case_id, case in node.rows.cases.items():
        events: list[Event] = node.rows.journal[case_id]
        yield from (f"{node.name} {found}" for found in history_violations(events))
        if not case.origin:
            yield from (f"{node.name} {found}" for found in violations(case, node.context))
        if progress(apply_all(node.rows.blanks[case_id], events)) != progress(case):
            yield f"I5 {node.name}: the journal does not tell the state"
        if case.origin and any("unheard_of" not in kept for kept in case.received.values()):
            yield f"I25 {node.name} lost a field it does not know"
        open_tasks = {str(k) for k, task in case.tasks.items() if not task.ended}
        if open_tasks and not case.origin and not _with_a_person(world, case_id, node):
            yield f"I3 {sorted(open_tasks)} of {case_id} never ends and nobody is told"


def _with_a_person(world: World, case_id: str, node: Node) -> bool:
    mine = {task for task, (id, _) in node.rows.tasks.items() if id == case_id}
    return any(task in mine for _, task in world.disagreements)


def _broken_letters(world: World) -> Iterator[str]:
    for name, node in world.nodes.items():
        left = [r.letter for r in node.rows.outbox if r.state == "waiting"]
        if left:
            yield f"I10 {name} has {len(left)} letters left"
    for (sender, to, _task, intent, _round), ids in world.ids.items():
        again = world.restored & {sender, to, HUB}
        if len(ids) > 1 and not again and intent != "parity":
            yield f"I10 {sender} sent {intent} to {to} under {len(ids)} ids"
