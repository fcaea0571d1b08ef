"""What has just happened to one case: what everything that follows in the same commit is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.events import Event
from yijian.records.mapping import LoadedCase


@dataclass(frozen=True, slots=True)
class Happened:
    """A locked case as it was loaded, what happened to it, and what it has become."""

    loaded: LoadedCase
    events: Sequence[Event]
    after: Case
    context: Context
