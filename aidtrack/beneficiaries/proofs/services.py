"""Kinds of categories and papers kept by an administrator; incomes recorded by a caseworker."""

import re
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.errors import DatesOutOfOrder, Needed
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import CategoryKind, CategoryKindEvidence, EvidenceKind, HouseholdIncome
from aidtrack.beneficiaries.proofs.commands import RecordIncome, SaveKind, SavePaper
from aidtrack.beneficiaries.proofs.errors import CodeTaken, IncomeInFuture
from aidtrack.beneficiaries.rule_json import MOST_KOPIYKAS
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import require_living
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import InvalidValue, NotFound

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
MOST_TOTAL = MOST_KOPIYKAS * 40  # a family of forty at the ceiling


def save_kind(session: Session, command: SaveKind, *, actor: Actor, now: datetime) -> None:
    """Add a kind of category, or rename it, retire it, and say which papers prove it."""
    actor.require(Permission.CATALOGUE_MANAGE)
    kind = _kept(session, CategoryKind, command.code, new=command.new)
    if kind is None:
        kind = CategoryKind(
            code=command.code, of_household=command.of_household, protected=command.protected, name_uk="", name_en=""
        )  # fmt: skip
        session.add(kind)
    kind.name_uk, kind.name_en = _name(command.name_uk, "name_uk"), _name(command.name_en, "name_en")
    kind.active = command.active
    session.flush()
    known = set(session.scalars(select(EvidenceKind.code)))
    if not set(command.papers) <= known:
        raise NotFound(field="papers")
    session.execute(delete(CategoryKindEvidence).where(CategoryKindEvidence.kind == command.code))
    if command.papers:
        rows = [{"kind": command.code, "evidence": paper} for paper in sorted(set(command.papers))]
        session.execute(insert(CategoryKindEvidence), rows)
    _record(session, "save_kind", command.code, actor=actor, now=now)


def save_paper(session: Session, command: SavePaper, *, actor: Actor, now: datetime) -> None:
    """Add a kind of paper, rename it, or say until when it is asked for."""
    actor.require(Permission.CATALOGUE_MANAGE)
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise DatesOutOfOrder(field="valid_until")
    paper = _kept(session, EvidenceKind, command.code, new=command.new)
    if paper is None:
        paper = EvidenceKind(code=command.code, name_uk="", name_en="", valid_from=command.valid_from)
        session.add(paper)
    paper.name_uk, paper.name_en = _name(command.name_uk, "name_uk"), _name(command.name_en, "name_en")
    paper.valid_from, paper.valid_until = command.valid_from, command.valid_until
    session.flush()
    _record(session, "save_paper", command.code, actor=actor, now=now)


def record_income(session: Session, command: RecordIncome, *, actor: Actor, now: datetime) -> int:
    """Keep a paper on a family's income; earlier papers stay, and the newest valid one counts.

    Raises:
        IncomeInFuture, DatesOutOfOrder: the paper's days.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, command.household_id, actor)
    body = secret_body(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="record_income", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    require_living(session, household.id)
    if not 0 <= command.total <= MOST_TOTAL:
        raise InvalidValue(field="total", value="…")
    if command.as_of > local_date(now):
        raise IncomeInFuture()
    if command.valid_until is not None and command.valid_until < command.as_of:
        raise DatesOutOfOrder(field="valid_until")
    row = {
        "household_id": household.id, "total": str(command.total), "as_of": command.as_of,
        "valid_until": command.valid_until, "evidence": clean_text(command.evidence, 200, "evidence"),
        "recorded_at": now, "recorded_by": actor.label,
    }  # fmt: skip
    [income_id] = queries.insert_returning(session, HouseholdIncome, [row])
    audit.record(
        session, actor=actor, action="beneficiaries.record_income", object_type="household",
        object_id=household.id, site_id=household.site_id, facts={"income_id": income_id}, now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind="record_income", body=body, object_id=income_id,
        actor=actor, now=now,
    )  # fmt: skip
    return income_id


Kind = TypeVar("Kind", CategoryKind, EvidenceKind)


def _kept(session: Session, model: type[Kind], code: str, *, new: bool) -> Kind | None:
    found = session.get(model, code)
    if new:
        if not _CODE.fullmatch(code):
            raise InvalidValue(field="code", value=code[:40])
        if found is not None:
            raise CodeTaken()
    elif found is None:
        raise NotFound()
    return found


def _name(text: str, field: str) -> str:
    name = clean_text(text, 160, field)
    if name is None:
        raise Needed(field=field)
    return name


def _record(session: Session, verb: str, code: str, *, actor: Actor, now: datetime) -> None:
    audit.record(
        session, actor=actor, action=f"beneficiaries.{verb}", object_type="category_kind", facts={"code": code},
        now=now,
    )  # fmt: skip
