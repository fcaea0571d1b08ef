"""演练评价: what made-up families say of what has ended; who had to wait is less content."""

from __future__ import annotations

from random import Random

from yijian.domain.ratings import Level, Opinion, RatingChannel, RatingRules

CONTENT = (58, 30, 8, 3, 1)
KEPT_WAITING = (18, 30, 24, 18, 10)
CHANNELS = (RatingChannel.MOBILE, RatingChannel.MOBILE, RatingChannel.SMS, RatingChannel.PC)


def opinion(draw: Random, rules: RatingRules, *, late: bool, at_window: bool) -> Opinion:
    """One grade, with reasons when it is bad."""
    (level,) = draw.choices(sorted(Level), KEPT_WAITING if late else CONTENT)
    offered = [reason.id for reason in rules.reasons.values() if not reason.asks_words]
    reasons: tuple[str, ...] = ()
    if level.is_bad and offered:
        reasons = tuple(sorted(draw.sample(offered, min(draw.choice((1, 1, 2)), len(offered)))))
    channel = RatingChannel.TABLET if at_window else draw.choice(CHANNELS)
    return Opinion(level, channel, reasons)
