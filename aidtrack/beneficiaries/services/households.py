"""Where a family lives, how it is reached, who else may collect."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import identifiers, queries
from aidtrack.beneficiaries.commands import AddCollector, ChangeHousehold, EndCollector
from aidtrack.beneficiaries.errors import DatesOutOfOrder, Needed
from aidtrack.beneficiaries.happenings import Happening
from aidtrack.beneficiaries.models import Collector
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import changed, differences, happened, locked, today_at
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def change_household(session: Session, command: ChangeHousehold, *, actor: Actor, now: datetime) -> None:
    """The family moved, or what was written about it is corrected.

    Raises:
        Conflict: somebody else saved a change meanwhile; says who and when.
    """
    household = locked(session, command.household_id, command.version, actor)
    today = today_at(session, household, now)
    columns = checking.address_columns(command, today)
    moved_on = checking.past_day(command.moved_on, today, "moved_on") if command.moved_on else None
    if columns["arrived_on"] == household.arrived_on:  # nobody said another day
        columns["arrived_on"] = checking.arrived_on(
            household.katottg, columns["katottg"], household.arrived_on, moved_on
        )
    found = differences(household, columns)
    kind = Happening.CHANGED if moved_on is None else Happening.MOVED
    happened(session, household.id, kind, on=moved_on or today, fields=found, actor=actor, now=now)
    changed(
        session, household, "change_household", columns=columns, facts={"fields": sorted(found)}, actor=actor,
        now=now,
    )  # fmt: skip


def add_collector(session: Session, command: AddCollector, *, actor: Actor, now: datetime) -> int:
    """Name somebody who may collect besides the head; the same command id has one effect. Gives the row's id."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    body = secret_body(replace(command, version=0))
    done = audit.already_done(session, command_id=str(command.command_id), kind="add_collector", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    household = locked(session, command.household_id, command.version, actor)
    name = checking.collector_name(command.name, "name")
    if name is None:
        raise Needed(field="name")
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise DatesOutOfOrder(field="valid_until")
    row = {
        "household_id": household.id, "name": name,
        "document": identifiers.clean_text(command.document, 80, "document"),
        "valid_from": command.valid_from, "valid_until": command.valid_until, "added_at": now,
        "added_by": actor.label,
    }  # fmt: skip
    [number] = queries.insert_returning(session, Collector, [row])
    happened(
        session, household.id, Happening.COLLECTOR_ADDED, on=command.valid_from, fields={"collector": (None, name)},
        actor=actor, now=now,
    )  # fmt: skip
    changed(session, household, "add_collector", facts={"collector_id": number}, actor=actor, now=now)
    audit.mark_done(
        session, command_id=str(command.command_id), kind="add_collector", body=body, object_id=number,
        actor=actor, now=now,
    )  # fmt: skip
    return number


def end_collector(session: Session, command: EndCollector, *, actor: Actor, now: datetime) -> None:
    """From the day after `valid_until` on they collect no more. What they collected stays."""
    household = locked(session, command.household_id, command.version, actor)
    found = session.execute(
        select(Collector.valid_from, Collector.name).where(
            Collector.id == command.collector_id, Collector.household_id == household.id
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    if command.valid_until < found.valid_from:
        raise DatesOutOfOrder(field="valid_until")
    session.execute(
        update(Collector)
        .where(Collector.id == command.collector_id)
        .values(valid_until=command.valid_until)
        .execution_options(synchronize_session=False)
    )
    happened(
        session, household.id, Happening.COLLECTOR_ENDED, on=command.valid_until,
        fields={"collector": (found.name, None)}, actor=actor, now=now,
    )  # fmt: skip
    changed(
        session,
        household,
        "end_collector",
        facts={"collector_id": command.collector_id},
        actor=actor,
        now=now,
    )
