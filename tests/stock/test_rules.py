"""What may be done to stock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stock import rules
from stock.errors import Code, InvalidRequest, NegativeStock, StockConflict, StockError, UnknownThing
from stock.model import CountMode, Direction, Lot, LotTracking, Reason, Sku
from stock.quantity import QUANTITY_MAX
from stock.reasons import STANDARD_REASONS, STOCKTAKE_REASON
from stock.units import Unit

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
EXPIRY = date(2027, 1, 31)
LOT = Lot("A1", "B1", EXPIRY)


def reason(direction: Direction, *, active: bool = True) -> Reason:
    return Reason("why", "原因", "Why", direction, active)


def sku(tracking: LotTracking = LotTracking.NONE, scale: int = 0) -> Sku:
    return Sku("A1", "面霜", "Cream", Unit.PIECE, scale, tracking)


def refusal(kind: type[StockError], call: Callable[..., object], *arguments: object, **options: object) -> StockError:
    with pytest.raises(StockError) as caught:
        call(*arguments, **options)
    assert type(caught.value) is kind
    return caught.value


@pytest.mark.parametrize(
    ("direction", "change", "code"),
    [
        (Direction.IN, -1, Code.REASON_DIRECTION_IN),
        (Direction.OUT, 1, Code.REASON_DIRECTION_OUT),
        (Direction.IN, 0, Code.QUANTITY_ZERO),
        (Direction.EITHER, 0, Code.QUANTITY_ZERO),
    ],
)
def test_a_reason_moves_stock_only_its_own_way(direction: Direction, change: int, code: Code) -> None:
    error = refusal(InvalidRequest, rules.require_direction, reason(direction), change, ("change",))

    assert error.code is code


@pytest.mark.parametrize(
    ("direction", "change"),
    [(Direction.IN, 1), (Direction.OUT, -1), (Direction.EITHER, 1), (Direction.EITHER, -1)],
)
def test_a_reason_moves_stock_its_own_way(direction: Direction, change: int) -> None:
    rules.require_direction(reason(direction), change, ("change",))


def test_a_retired_reason_takes_nothing_new() -> None:
    error = refusal(StockConflict, rules.require_active, reason(Direction.IN, active=False), ("reason",))

    assert error.code is Code.REASON_RETIRED
    rules.require_active(reason(Direction.IN), ("reason",))


@pytest.mark.parametrize(
    ("tracking", "batch", "code"),
    [
        (LotTracking.NONE, None, None),
        (LotTracking.NONE, "B1", Code.LOT_NOT_TRACKED),
        (LotTracking.OPTIONAL, None, None),
        (LotTracking.OPTIONAL, "B1", None),
        (LotTracking.REQUIRED, None, Code.LOT_REQUIRED),
        (LotTracking.REQUIRED, "B1", None),
    ],
)
def test_a_lot_is_named_as_the_sku_wants(tracking: LotTracking, batch: str | None, code: Code | None) -> None:
    if code is None:
        rules.require_batch(sku(tracking), batch, ("batch",))
    else:
        assert refusal(InvalidRequest, rules.require_batch, sku(tracking), batch, ("batch",)).code is code
    assert rules.tracking_allows(tracking, batch) is (code is None)


def new_lot(lot: Lot | None, expiry: date | None, change: int) -> bool:
    return rules.is_new_lot(lot, sku="A1", batch="B1", expiry=expiry, change=change, path=())


def test_goods_that_come_in_may_bring_a_new_lot() -> None:
    assert new_lot(None, EXPIRY, 1)
    assert not new_lot(LOT, EXPIRY, 1)
    assert not new_lot(LOT, None, -1)
    assert not new_lot(Lot("A1", "B1", None), None, -1)


@pytest.mark.parametrize(("expiry", "change"), [(None, 1), (EXPIRY, -1)])
def test_any_other_unknown_lot_is_refused(expiry: date | None, change: int) -> None:
    error = refusal(UnknownThing, new_lot, None, expiry, change)

    assert (error.code, error.path) == (Code.LOT_UNKNOWN, ("batch",))


@pytest.mark.parametrize(("lot", "said"), [(LOT, "2027-01-31"), (Lot("A1", "B1", None), "-")])
def test_the_expiry_date_of_a_lot_is_fixed(lot: Lot, said: str) -> None:
    error = refusal(StockConflict, new_lot, lot, date(2028, 1, 1), 1)

    assert error.code is Code.LOT_EXPIRY_DIFFERS
    assert error.values["expiry"] == said


def moved(before: int, change: int, *, negative_allowed: bool = False, scale: int = 0) -> rules.Move:
    return rules.move(
        before, change, sku=sku(scale=scale), store="TST", negative_allowed=negative_allowed, path=("change",)
    )


@pytest.mark.parametrize(
    ("before", "change", "negative_allowed"),
    [(5, -5, False), (0, 5, False), (-5, 3, False), (-5, 5, False), (5, -6, True), (-5, -1, True)],
)
def test_a_balance_moves_by_the_change(before: int, change: int, negative_allowed: bool) -> None:
    assert moved(before, change, negative_allowed=negative_allowed) == rules.Move(before, change, before + change)


@pytest.mark.parametrize(("before", "change"), [(5, -6), (0, -1), (-5, -1)])
def test_a_store_that_refuses_negative_stock_refuses_to_go_lower(before: int, change: int) -> None:
    error = refusal(NegativeStock, moved, before, change)

    assert error.values["after"] == str(before + change)


def test_what_would_be_left_is_told_in_the_units_of_the_sku() -> None:
    error = refusal(NegativeStock, moved, 1500, -2000, scale=3)

    assert str(error) == (
        "/change: Store TST holds 1.500 of SKU A1; -2.000 would leave -0.500, and this store refuses negative stock."
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_a_balance_stays_within_its_bounds(sign: int) -> None:
    error = refusal(StockConflict, moved, sign * QUANTITY_MAX, sign, negative_allowed=True)

    assert error.code is Code.BALANCE_TOO_LARGE


def test_a_callers_clock_may_run_a_little_ahead() -> None:
    rules.require_occurred(None, NOW, ("occurred_at",))
    rules.require_occurred(NOW + timedelta(minutes=5), NOW, ("occurred_at",))
    rules.require_occurred(datetime(2000, 1, 1, tzinfo=UTC), NOW, ("occurred_at",))


@pytest.mark.parametrize(
    ("occurred_at", "code"),
    [
        (NOW + timedelta(minutes=5, microseconds=1), Code.TIME_IN_FUTURE),
        (datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), Code.TIME_TOO_EARLY),
    ],
)
def test_a_time_that_cannot_be_is_refused(occurred_at: datetime, code: Code) -> None:
    error = refusal(InvalidRequest, rules.require_occurred, occurred_at, NOW, ("occurred_at",))

    assert error.code is code
    assert str(error)


def corrected(said: int, replacement: int, direction: Direction = Direction.OUT, said_reason: str = "why") -> int:
    return rules.correction(said=said, said_reason=said_reason, replacement=replacement, reason=reason(direction))


@pytest.mark.parametrize(("said", "replacement", "change"), [(-5, -3, 2), (-5, 0, 5), (-5, -8, -3), (0, -2, -2)])
def test_a_correction_adds_what_was_missing(said: int, replacement: int, change: int) -> None:
    assert corrected(said, replacement) == change


def test_a_correction_may_change_the_reason_alone() -> None:
    assert corrected(-5, -5, said_reason="other") == 0


def test_a_correction_that_corrects_nothing_is_refused() -> None:
    assert refusal(StockConflict, corrected, -5, -5).code is Code.NOTHING_CHANGED


def test_what_should_have_been_said_keeps_the_reasons_direction() -> None:
    assert refusal(InvalidRequest, corrected, -5, 5).code is Code.REASON_DIRECTION_OUT


@pytest.mark.parametrize(
    ("standing", "mode", "total"),
    [(None, CountMode.ADD, 3), (4, CountMode.ADD, 7), (4, CountMode.REPLACE, 3), (None, CountMode.REPLACE, 3)],
)
def test_a_repeated_count_adds_or_replaces(standing: int | None, mode: CountMode, total: int) -> None:
    assert rules.count_total(standing, 3, mode, scale=2, path=("counted",)) == total


def test_counts_that_add_up_to_too_much_are_refused() -> None:
    error = refusal(InvalidRequest, rules.count_total, QUANTITY_MAX, 1, CountMode.ADD, scale=0, path=("counted",))

    assert error.code is Code.QUANTITY_TOO_LARGE


@given(st.lists(st.integers(-50, 50), max_size=30), st.booleans())
def test_no_sequence_of_moves_takes_a_refusing_store_below_zero(changes: list[int], negative_allowed: bool) -> None:
    balance, applied = 0, 0
    for change in changes:
        try:
            move = moved(balance, change, negative_allowed=negative_allowed)
        except NegativeStock:
            assert not negative_allowed
            continue
        balance, applied = move.after, applied + change
    assert balance == applied
    assert negative_allowed or balance >= 0


def test_the_standard_reasons_have_distinct_codes_and_both_names() -> None:
    codes = [known.code for known in STANDARD_REASONS]

    assert len(set(codes)) == len(codes)
    assert STOCKTAKE_REASON in codes
    assert all(known.name_zh and known.name_en for known in STANDARD_REASONS)
