"""No number that is shown tells one family from none."""

from hypothesis import given
from hypothesis import strategies as st

from yijian.domain.small_cells import SMALLEST, STEP, shown, shown_or_few, shown_share

COUNTS = st.integers(min_value=0, max_value=10**7)


@given(COUNTS)
def test_what_is_shown_is_near_and_never_small(count: int) -> None:
    told = shown(count)
    if told is None:
        assert 0 < count < SMALLEST
    else:
        assert told == 0 or told >= SMALLEST
        assert abs(told - count) < STEP
        assert told % STEP == 0


@given(COUNTS)
def test_a_difference_of_shown_counts_is_none_or_at_least_five(count: int) -> None:
    """Who subtracts two runs that differ by one family finds nothing, or a whole step."""
    one, other = shown(count), shown(count + 1)
    if one is not None and other is not None:
        assert other - one in (0, STEP)


def test_none_and_few_look_the_same_where_a_first_one_would_tell() -> None:
    assert {shown_or_few(count) for count in range(SMALLEST)} == {None}


@given(st.integers(min_value=0, max_value=10**5), st.integers(min_value=0, max_value=10**5))
def test_a_shown_share_follows_from_shown_counts_and_is_never_above_a_lower_end(
    rest: int, good: int
) -> None:
    whole = rest + good
    told = shown_share(rest, whole)
    assert told == shown_share(shown(rest) or 0, shown(whole) or 0)
    if told is not None:
        assert 0 <= told.value <= 1
        assert told.at_least is (rest < SMALLEST)
        assert not told.at_least or good / whole >= told.value
