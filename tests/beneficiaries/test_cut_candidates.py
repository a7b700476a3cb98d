"""Who is compared while a family is typed: cut after the sites were asked for, those with the most in common first."""

from datetime import date

import pytest

from aidtrack.beneficiaries.queries import alike
from aidtrack.beneficiaries.services.while_typing import Typed, typed_doubles
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, member, registered

NOBODY_KNEW = date(1980, 1, 1)


def test_a_day_that_many_share_hides_no_family_of_the_own_site(
    unit: Unit, caseworker: Actor, stranger: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "MOST", 1)
    with unit() as session:
        for letter in "абвгдеєжзик":
            other = member(f"Чужинець{letter}", birth_date=NOBODY_KNEW)
            registered(session, stranger, head=other, go_on_reason="інша сім'я")
        registered(session, caseworker, head=member("Сусіденко", "Степан", birth_date=NOBODY_KNEW))
        own = registered(session, caseworker, head=member("Шукана", "Олена", birth_date=NOBODY_KNEW))
        typed = Typed("Шукана", "Олена", birth_date=NOBODY_KNEW)
        found = typed_doubles(session, typed, actor=caseworker, now=NOW)
    assert [one.household_id for one in found] == [own]
