"""The canaries themselves: each column about somebody has one, and it is found however it is written."""

from tests.support import canaries
from tests.support.planting import Planted
from tests.support.searching import found_in


def test_a_word_is_found_however_it_is_written(planted: Planted) -> None:
    words = planted.own
    assert found_in("+380 50 777\u00a066-01", words) == {"phone"}
    assert found_in("<dd>01.06.1907</dd>", words) == found_in("1907-06-01", words) == {"birth date"}
    assert found_in("nothing", words) == set()


def test_every_column_about_somebody_has_its_canary(sown: Planted) -> None:
    """A column that nobody planted would be searched for in vain: a new one fails here until it takes part."""
    known = {*canaries.BY_HAND, *canaries.NO_WORDS, *map(str, canaries.generated())}
    assert known == set(map(str, canaries.encrypted_columns()))
    assert set(canaries.BY_HAND.values()) | set(canaries.IN_PLAIN.values()) <= sown.own.keys()
    assert sown.columns == canaries.planted_columns()
    plain = set(canaries.plain_columns())
    assert {
        column for column in plain if column not in canaries.IN_PLAIN and not canaries.nobodys(column)
    } == set()
    assert {*canaries.IN_PLAIN, *canaries.NOBODYS} - plain == set(), "no longer there"
