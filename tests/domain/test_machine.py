"""A machine that does whatever families and offices may think of, in any order, and finds no case
that breaks an invariant, loses a task, or cannot be rebuilt from its public events alone."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.domain.cast import NEWBORN_ID, NOW, context, draft, verified
from yijian.domain import applying, handling
from yijian.domain.cases import CheckState, progress
from yijian.domain.context import RefusedError
from yijian.domain.events import Event
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.history import apply_all
from yijian.domain.invariants import history_violations, time_violations, violations
from yijian.domain.states import TERMINAL, TaskState

ROLES = st.sampled_from(["mother", "father"])
KEYS = st.sampled_from(
    [(item, n) for item in ("certificate", "registration", "card") for n in (1, 2)] + [("claim", 0)]
)
RESULTS = {"number": "Y340000001", "id_number": NEWBORN_ID}


class AnyOrder(RuleBasedStateMachine):
    """One family with twins; every command at any time; clocks only go forward."""

    def __init__(self) -> None:
        super().__init__()
        self.context = context()
        self.blank = draft()
        self.case = self.blank
        self.events: list[Event] = []
        self.now = NOW
        self.ended: dict[tuple[str, int], TaskState] = {}
        self._take(lambda: [])
        found = verified(self.case, 2)
        self.blank = self.case = found

    def _take(self, command) -> None:
        try:
            events = command()
        except (RefusedError, AlreadyDoneError, TooLateError):
            return
        self.events += events
        self.case = apply_all(self.case, events)

    @rule(minutes=st.integers(1, 3000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(role=ROLES)
    def somebody_agrees(self, role: str) -> None:
        self._take(lambda: applying.give_consent(self.case, role, "notice", "n", self.now))

    @rule(role=ROLES, baby=st.integers(1, 3), name=st.sampled_from(["李小满", "李明", "Li", ""]))
    def somebody_names_a_baby(self, role: str, baby: int, name: str) -> None:
        answers = {("newborn_name", baby): name}
        self._take(lambda: applying.save_answers(self.case, role, answers, self.context, self.now))

    @rule(role=ROLES)
    def somebody_opens_signing(self, role: str) -> None:
        self._take(lambda: applying.open_signing(self.case, role, self.context, self.now))

    @rule(role=ROLES)
    def somebody_shows_their_face(self, role: str) -> None:
        self._take(
            lambda: applying.live_checked(self.case, role, CheckState.FOUND, self.now, receipt="r")
        )

    @rule(role=ROLES)
    def somebody_signs(self, role: str) -> None:
        self._take(lambda: applying.sign(self.case, role, "d", "drawn", self.context, self.now))

    @rule()
    def everybody_signs(self) -> None:
        for baby in (1, 2):
            self.somebody_names_a_baby("mother", baby, "李小满")
        self.somebody_agrees("mother")
        self.somebody_opens_signing("mother")
        self.somebody_signs("mother")
        self.somebody_agrees("father")
        self.somebody_shows_their_face("father")
        self.somebody_signs("father")

    @rule(key=KEYS, to=st.sampled_from(TaskState), old_round=st.booleans())
    def an_office_decides(self, key, to: TaskState, old_round: bool) -> None:
        decision = OfficeDecision(
            to,
            reason="r",
            correct=("newborn_name",),
            result=_results(key),
            round=0 if old_round else None,
        )
        self._take(
            lambda: handling.decide(self.case, key, decision, "staff", self.context, self.now)
        )

    @rule(key=KEYS)
    def the_family_corrects(self, key) -> None:
        answers = {("newborn_name", key[1] or 1): "李改"}
        self._take(
            lambda: handling.correct(self.case, key, answers, "mother", "d", self.context, self.now)
        )

    @rule(key=KEYS)
    def the_family_confirms(self, key) -> None:
        self._take(
            lambda: handling.answer_ask(
                self.case, key, "confirm", "mother", "d", self.context, self.now
            )
        )

    @rule(role=ROLES)
    def somebody_withdraws(self, role: str) -> None:
        self._take(lambda: handling.withdraw(self.case, role, self.context, self.now))

    @invariant()
    def nothing_is_broken(self) -> None:
        assert violations(self.case, self.context) == []
        assert history_violations(self.events) == []
        assert time_violations(self.events) == []

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        for key, state in self.ended.items():
            assert self.case.tasks[key].state is state
        self.ended = {k: t.state for k, t in self.case.tasks.items() if t.state in TERMINAL}

    @invariant()
    def the_public_events_alone_rebuild_the_state(self) -> None:
        public = [Event(e.kind, e.at, e.by, e.task, e.public) for e in self.events]
        assert progress(apply_all(self.blank, public)) == progress(self.case)


def _results(key: tuple[str, int]) -> dict[str, object]:
    if key[0] == "certificate":
        return {"number": f"Y34000000{key[1]}"}
    if key[0] == "registration":
        return {"id_number": ("34010320261118002X", "340103202611180046")[key[1] - 1]}
    return {}


AnyOrder.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
test_any_order_of_commands_keeps_every_invariant = AnyOrder.TestCase
