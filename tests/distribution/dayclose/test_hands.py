"""Whoever had a hand in a day's figures or their explanation is not the second person."""

import pytest

from aidtrack.distribution.dayclose import services
from aidtrack.distribution.dayclose.commands import CloseDay
from aidtrack.distribution.dayclose.errors import SamePerson
from aidtrack.distribution.models import DayState
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from tests.distribution.dayclose.test_services import MEASURED, Shop
from tests.distribution.dayclose.test_services import shop as shop


def explain(shop: Shop, close_id: int, actor: Actor) -> DayState:
    explained = {line.id: MEASURED for line in shop.lines(close_id) if line.difference}
    with shop.unit() as session:
        return services.close_day(session, CloseDay(close_id, explained), actor=actor, now=utc_now())


def test_who_explained_a_difference_does_not_approve_it(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    assert explain(shop, close_id, shop.checker) is DayState.WAITING
    with pytest.raises(SamePerson):
        shop.approve(close_id, shop.checker)
    shop.approve(close_id, shop.person("third", 1_003))
    assert shop.state(close_id).state is DayState.CLOSED


def test_nor_after_it_was_sent_back_and_explained_by_another(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    explain(shop, close_id, shop.checker)
    with shop.unit() as session:
        services.send_back(session, close_id, "перевірте ще раз", actor=shop.maker, now=utc_now())
    explain(shop, close_id, shop.maker)
    with pytest.raises(SamePerson):
        shop.approve(close_id, shop.checker)


def test_who_counted_a_line_that_was_counted_again_by_another_does_not_approve(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 6_000, 12_000, actor=shop.checker)
    line = next(line for line in shop.lines(close_id) if line.difference)
    with shop.unit() as session:
        services.count_again(session, close_id, line.id, actor=shop.maker, now=utc_now())
    shop.count(close_id, 9_200, 7_000, 12_000)
    shop.close(close_id)
    with pytest.raises(SamePerson):
        shop.approve(close_id, shop.checker)
