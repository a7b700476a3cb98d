"""Nobody without a grant can tell from the log or a family's history that something protected is there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import AddCategory, NewCategory
from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.kernel.actor import Actor, Role
from tests.beneficiaries.families import NOW, registered, with_grant
from tests.support.people import add_person, add_site

Unit = Callable[[], AbstractContextManager[Session]]
ACTION = "beneficiaries.add_category"


@pytest.fixture
def family(app: Flask, unit: Unit) -> tuple[int, Actor]:
    """A family with one ordinary and one protected category; its caseworker has no grant."""
    with unit() as session:
        actor = add_person(session, Role.CASEWORKER, site_ids=[add_site(session)]).actor
        for code, protected in (("plain_kind", False), ("hidden_kind", True)):
            session.execute(
                insert(CategoryKind).values(
                    code=code, name_uk=code, name_en=code, protected=protected, of_household=True
                )
            )
        household = registered(session, actor)
        for code in ("plain_kind", "hidden_kind"):
            command = AddCategory(
                command_id=uuid4(), household_id=household, person_id=None,
                category=NewCategory(code, date(2022, 3, 1)),
            )  # fmt: skip
            services.add_category(session, command, actor=with_grant(actor), now=NOW)
    return household, actor


def test_the_log_tells_both_drawers_alike(unit: Unit, family: tuple[int, Actor]) -> None:
    with unit() as session:
        plain, hidden = session.scalars(
            select(AuditEvent.facts).where(AuditEvent.action == ACTION).order_by(AuditEvent.id)
        )
    assert plain is not None and hidden is not None
    assert plain.keys() == hidden.keys() == {"category_id", "kind"}
    assert "kind" not in str(plain["kind"]) and len(str(plain["kind"])) == len(str(hidden["kind"])) == 64


def test_the_history_counts_categories_only_under_a_grant(unit: Unit, family: tuple[int, Actor]) -> None:
    household, actor = family
    with unit() as session:
        seen = services.open_household(session, household, actor=replace(actor), now=NOW).history
        granted = services.open_household(session, household, actor=with_grant(actor), now=NOW).history
    assert [row.action for row in granted].count(ACTION) == 2
    assert ACTION not in [row.action for row in seen] and seen, "the registration is still told"
