"""Reads of personal data: each writes its audit row in the same transaction, or nothing is shown (I16)."""

from datetime import datetime

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.queries.files import HouseholdFile, household_file
from aidtrack.beneficiaries.queries.search import MOST, Found, FoundHousehold, search, shown_households
from aidtrack.kernel.actor import Actor, Permission


def open_household(
    session: Session,
    household_id: int,
    *,
    actor: Actor,
    now: datetime,
    purpose: str = "page",
    papers: bool = True,
) -> HouseholdFile:
    """One family's file. Protected categories are in it only under a live grant, and logged apart.

    Args:
        purpose: a stable word for the log: page, edit, export.
        papers: appeals, acts and decisions are in it too.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    key = queries.find_household(session, household_id, actor)
    budget.spend(session, opening=[key.id], actor=actor, now=now)
    protected = actor.can(Permission.CATEGORY_PROTECTED)
    for action in ("read.household", "read.protected") if protected else ("read.household",):
        audit.record(
            session, actor=actor, action=action, object_type="household", object_id=key.id, site_id=key.site_id,
            facts={"purpose": purpose}, now=now,
        )  # fmt: skip
    return household_file(session, household_id, actor, protected=protected, papers=papers, key=key)


def search_households(session: Session, text: str, *, actor: Actor, now: datetime) -> Found:
    """Search the registry. The log keeps how it was searched and what was shown, never what was typed."""
    actor.require(Permission.HOUSEHOLD_READ)
    found = search(session, text, actor)
    _log_list(session, found.households, found.by, actor=actor, now=now)
    return found


def show_doubles(
    session: Session, household_ids: list[int], *, actor: Actor, now: datetime
) -> tuple[FoundHousehold, ...]:
    """The families a warning of possible duplicates speaks of."""
    actor.require(Permission.HOUSEHOLD_READ)
    shown = shown_households(session, household_ids, actor)
    _log_list(session, shown, "possible_duplicate", actor=actor, now=now)
    return shown


def list_households(
    session: Session, household_ids: list[int], by: str, *, actor: Actor, now: datetime
) -> tuple[FoundHousehold, ...]:
    """One page of a work list. `by` is a stable word for the log that says which."""
    actor.require(Permission.HOUSEHOLD_READ)
    shown = shown_households(session, household_ids[:MOST], actor)
    _log_list(session, shown, by, actor=actor, now=now)
    return shown


def _log_list(
    session: Session, households: tuple[FoundHousehold, ...], by: str, *, actor: Actor, now: datetime
) -> None:
    budget.spend(session, listing=[one.id for one in households], actor=actor, now=now)
    # a row for each site, so that no reader of the log sees another site's families counted
    at_sites: dict[int | None, list[int]] = {}
    for one in households:
        at_sites.setdefault(one.site_id, []).append(one.id)
    first_site = min(
        actor.site_ids, default=None
    )  # where nothing was found, there is still somebody who asked
    for site_id, ids in (at_sites or {first_site: []}).items():
        audit.record(
            session, actor=actor, action="read.household_list", object_type="household", site_id=site_id,
            facts={"by": by, "households": ids}, now=now,
        )  # fmt: skip
