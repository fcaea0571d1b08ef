"""好差评: what families have said of what has ended, one row a thing; the words are sealed.

Who reads the words is decided where they are asked for: the family its own, the complaints desk
those of an order. Everybody else gets counts, and small ones not at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.domain.ratings import Level, Opinion, RatedThing, RatingChannel
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import RatingRow
from yijian.records.sealed import opened

ThingKey = tuple[str, int]
AT_ONCE = 1_000
"""Rows that are read at once where all of a period are wanted."""


@dataclass(frozen=True, slots=True)
class Rating:
    """好差评: one kept rating with its words. `role` is who of the family rated."""

    id: UUID
    case_id: UUID
    thing: ThingKey
    office: str
    level: Level
    channel: RatingChannel
    reasons: tuple[str, ...]
    rated_at: datetime
    appended_at: datetime | None
    again_level: Level | None
    excluded: bool
    role: str
    words: str = field(default="", repr=False)
    added: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RatingCount:
    """评价计数: how many ratings of one grade one item had at one office."""

    item: str
    office: str
    division: str
    level: int
    count: int


@dataclass(frozen=True, slots=True)
class RatingLine:
    """评价归集行: one rating as the national table lists it."""

    number: str
    item: str
    channel: str
    level: int
    words: str = field(repr=False)
    rater: str = field(repr=False)
    rated_at: datetime
    times: int
    division: str
    office: str


def of_case(*, loaded: LoadedCase) -> dict[ThingKey, Rating]:
    """What has been said of this case, by item and newborn."""
    rows = RatingRow.objects.filter(case_id=loaded.id).order_by("id")
    return {(row.item, row.newborn): _rating(row, _words(row, loaded)) for row in rows}


def keep(
    *,
    loaded: LoadedCase,
    thing: RatedThing,
    division: str,
    opinion: Opinion,
    role: str,
    witness: str,
    now: datetime,
) -> UUID:
    """Keep a first rating; its id. The case is locked and nothing of it was rated before."""
    identifier = new_id()
    RatingRow.objects.create(
        id=identifier,
        case_id=loaded.id,
        item=thing.item,
        newborn=thing.newborn,
        office=thing.office,
        division=division,
        channel=opinion.channel.value,
        level=int(opinion.level),
        reasons=list(opinion.reasons),
        dimensions=dict(opinion.dimensions),
        rated_at=now,
        sealed=_sealed(
            loaded, identifier, {"role": role, "words": opinion.words, "witness": witness}
        ),
    )
    return identifier


def append(*, loaded: LoadedCase, thing: ThingKey, words: str, now: datetime) -> bool:
    """Add words once; whether they were the first to be added."""
    row = RatingRow.objects.select_for_update().get(
        case_id=loaded.id, item=thing[0], newborn=thing[1]
    )
    if row.appended_at is not None:
        return False
    document = {**_words(row, loaded), "added": words}
    row.appended_at, row.sealed = now, _sealed(loaded, row.id, document)
    row.save(update_fields=["appended_at", "sealed"])
    return True


def keep_again(*, rating_id: UUID, level: Level, now: datetime) -> bool:
    """Keep the grade after what was bad was put right; whether it was the first such grade."""
    changed = RatingRow.objects.filter(pk=rating_id, again_level__isnull=True).update(
        again_level=int(level), again_at=now
    )
    return changed == 1


def exclude(*, rating_id: UUID) -> None:
    """An appeal against the rating was upheld: it is counted no more."""
    RatingRow.objects.filter(pk=rating_id).update(excluded=True)


def one(*, rating_id: UUID) -> RatingRow:
    """One rating as its row, for the order that it has opened."""
    return RatingRow.objects.get(pk=rating_id)


def counts(*, since: datetime, until: datetime, offices: Iterable[str] = ()) -> list[RatingCount]:
    """Ratings of a period by item, office and grade; those that were excluded are left out."""
    wanted = list(offices)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item, office, division, level, count(*) FROM rating"
            " WHERE rated_at >= %s AND rated_at < %s AND NOT excluded"
            " AND (cardinality(%s::text[]) = 0 OR office = ANY (%s::text[]))"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            [since, until, wanted, wanted],
        )
        return [RatingCount(*row) for row in cursor.fetchall()]


def reason_counts(*, since: datetime, until: datetime) -> dict[str, int]:
    """How often each reason was given with a bad grade, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason, count(*) FROM rating r, jsonb_array_elements_text(r.reasons) reason"
            " WHERE r.rated_at >= %s AND r.rated_at < %s AND NOT r.excluded"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            [since, until],
        )
        return dict(cursor.fetchall())


def lines(*, since: datetime, until: datetime) -> Iterator[RatingLine]:
    """The ratings of a period for the national table, with their words, oldest first.

    All of them, a thousand at a time. A forgotten family's words are gone; its row stays, nameless.
    """
    after: tuple[datetime, UUID] = (since, UUID(int=0))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.id, r.case_id, r.sealed, c.wrapped_key, c.number, r.item, r.channel,"
                " r.level, r.rated_at, (r.again_level IS NOT NULL)::int + 1, r.division, r.office"
                ' FROM rating r JOIN "case" c ON c.id = r.case_id'
                " WHERE (r.rated_at, r.id) > (%s, %s) AND r.rated_at < %s AND NOT r.excluded"
                " ORDER BY r.rated_at, r.id LIMIT %s",
                [*after, until, AT_ONCE],
            )
            found = cursor.fetchall()
        for row_id, case, sealed, wrapped, number, item, channel, level, *others in found:
            said = opened("rating", row_id, case, sealed, wrapped)
            words, rater = _joined(said), str(said.get("role", ""))
            yield RatingLine(number, item, channel, level, words, rater, *others)
            after = (others[0], row_id)
        if len(found) < AT_ONCE:
            return


def _joined(said: Mapping[str, Any]) -> str:
    return " ".join(text for text in (said.get("words", ""), said.get("added", "")) if text)


def _sealed(loaded: LoadedCase, identifier: UUID, document: Mapping[str, object]) -> bytes:
    if loaded.key is None:
        raise ValueError("a forgotten case rates nothing")
    return crypto.seal_document(loaded.key, document, crypto.place("rating", "sealed", identifier))


def _words(row: RatingRow, loaded: LoadedCase) -> Mapping[str, Any]:
    if row.sealed is None or loaded.key is None:
        return {}
    where = crypto.place("rating", "sealed", row.id)
    return cast(Mapping[str, Any], crypto.open_document(loaded.key, bytes(row.sealed), where))


def _rating(row: RatingRow, words: Mapping[str, Any]) -> Rating:
    return Rating(
        id=row.id,
        case_id=row.case_id,
        thing=(row.item, row.newborn),
        office=row.office,
        level=Level(row.level),
        channel=RatingChannel(row.channel),
        reasons=tuple(row.reasons),
        rated_at=row.rated_at,
        appended_at=row.appended_at,
        again_level=None if row.again_level is None else Level(row.again_level),
        excluded=row.excluded,
        role=str(words.get("role", "")),
        words=str(words.get("words", "")),
        added=str(words.get("added", "")),
    )
