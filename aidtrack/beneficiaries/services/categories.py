"""Categories with their evidence; protected ones in a drawer of their own (I15, I16)."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import AddCategory, EndCategory
from aidtrack.beneficiaries.errors import DatesOutOfOrder
from aidtrack.beneficiaries.models import Category, Person, ProtectedCategory
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import require_living
from aidtrack.db.vault import current_vault
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound


def add_category(session: Session, command: AddCategory, *, actor: Actor, now: datetime) -> int:
    """Add a category to a person or a household; the same command id has one effect.

    Raises:
        Forbidden: a protected kind, and the actor has no live grant.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, command.household_id, actor)
    body = secret_body(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="add_category", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    require_living(session, household.id)
    columns, protected = checking.category_columns(
        command.category,
        queries.kinds(session),
        of_household=command.person_id is None,
        actor=actor,
        today=local_date(now),
    )
    if command.person_id is not None:
        member = select(Person.id).where(
            Person.id == command.person_id, Person.household_id == command.household_id
        )
        if session.scalar(member) is None:
            raise NotFound()
    columns |= {"household_id": command.household_id, "person_id": command.person_id}
    drawer = ProtectedCategory if protected else Category
    [category_id] = queries.insert_returning(session, drawer, [columns])
    facts = {"category_id": category_id, "kind": _sealed(drawer, category_id, command.category.kind)}
    audit.record(
        session, actor=actor, action="beneficiaries.add_category", object_type="household",
        object_id=household.id, site_id=household.site_id, facts=facts, now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind="add_category", body=body, object_id=category_id,
        actor=actor, now=now,
    )  # fmt: skip
    return category_id


def end_category(session: Session, command: EndCategory, *, actor: Actor, now: datetime) -> None:
    """Let a category count through a day and no longer. It stays on file."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    if command.protected:
        actor.require(Permission.CATEGORY_PROTECTED)
    household = queries.lock_household(session, command.household_id, actor)
    require_living(session, household.id)
    drawer = ProtectedCategory if command.protected else Category
    whose = (drawer.id == command.category_id, drawer.household_id == household.id)
    found = session.execute(select(drawer.valid_from, drawer.kind).where(*whose)).one_or_none()
    if found is None:
        raise NotFound()
    valid_from, kind = found
    if command.valid_until < valid_from:
        raise DatesOutOfOrder(field="valid_until")
    session.execute(
        update(drawer)
        .where(*whose)
        .values(valid_until=command.valid_until)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor=actor, action="beneficiaries.end_category", object_type="household",
        object_id=household.id, site_id=household.site_id,
        facts={
            "category_id": command.category_id, "kind": _sealed(drawer, command.category_id, kind),
            "valid_until": command.valid_until.isoformat(),
        },
        now=now,
    )  # fmt: skip


def _sealed(drawer: type[Category | ProtectedCategory], category_id: int, kind: str) -> str:
    """A keyed commitment to the kind, the same in shape for both drawers.

    Whoever has the data key can prove what was recorded; the log's reader learns neither the kind nor that
    there is something protected about this family.
    """
    return current_vault().digest(f"{drawer.__tablename__}\0{category_id}\0{kind}", "audit.category").hex()
