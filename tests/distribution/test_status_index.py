"""Places in the revocation bit list."""

import itertools

import pytest

from aidtrack.distribution.status_index import BLOCK, LARGEST, status_places

KEY = b"a key for tests!"


def test_every_voucher_has_its_own_place_within_the_block() -> None:
    place = status_places(KEY)
    ordinals = [*range(20_000), *range(BLOCK - 1_000, BLOCK)]
    places = {place(ordinal) for ordinal in ordinals}
    assert len(places) == len(ordinals)
    assert max(places) < BLOCK


def test_the_next_block_begins_where_the_first_is_full() -> None:
    place = status_places(KEY)
    assert BLOCK <= place(BLOCK) < 2 * BLOCK
    assert place(LARGEST - 1) < LARGEST


def test_the_order_tells_nothing_and_differs_from_round_to_round() -> None:
    first, second = status_places(KEY), status_places(b"another key, too")
    places = [first(ordinal) for ordinal in range(1_000)]
    assert places != sorted(places)
    assert sum(a < b for a, b in itertools.pairwise(places)) == pytest.approx(500, abs=80)
    assert [second(ordinal) for ordinal in range(1_000)] != places


def test_a_round_has_no_more_vouchers_than_the_code_can_number() -> None:
    place = status_places(KEY)
    for ordinal in (-1, LARGEST):
        with pytest.raises(ValueError):
            place(ordinal)
