"""Erasing a family: asked by one person, done by another. What remains is a count that names nobody.

Every room forgets its rows (`holdings`), then every sealed value of the family is emptied, and last its key is
destroyed, so that a copy somebody still has of the tables is unreadable too. Handouts, entitlements and the audit log
stay: they hold goods, days and numbers of rows.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import holdings, queries
from aidtrack.beneficiaries.models import (
    ErasureRequest,
    ErasureWhy,
    FamilyKey,
    Household,
    HouseholdEnd,
    RequestState,
)
from aidtrack.beneficiaries.privacy.errors import (
    AlreadyAsked,
    AlreadyDecided,
    CannotBeErasedYet,
    PartOfAnother,
    SecondPersonNeeded,
)
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.db.engines import forget_in_files
from aidtrack.db.sealing import EMPTIED, bound_tables, keyring_of
from aidtrack.db.session import after_commit
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

KEPT = frozenset({"erasure_request"})  # emptied like the others, but asked about below


@dataclass(frozen=True, slots=True)
class RequestRow:
    id: int
    household_id: int
    registration_no: str
    why: ErasureWhy
    reason: str | None
    state: RequestState
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None
    decided_by: str | None
    obstacles: tuple[str, ...] = ()
    own: bool = False


def ask(
    session: Session, household_id: int, *, why: ErasureWhy, reason: str | None, actor: Actor, now: datetime
) -> int:
    """Ask for a family to be erased. Nothing changes until another person approves.

    Raises:
        CannotBeErasedYet: something is open; says what.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, household_id, actor)
    _refuse_part(session, household_id)
    waiting = select(ErasureRequest.id).where(
        ErasureRequest.household_id == household_id, ErasureRequest.state == RequestState.ASKED
    )
    if session.scalar(waiting) is not None:
        raise AlreadyAsked()
    _refuse_while_open(session, household_id)
    words = needed(reason or "", 500, "reason") if why is not ErasureWhy.RETENTION else None
    request = ErasureRequest(
        household_id=household_id, site_id=household.site_id, why=why, reason=words, state=RequestState.ASKED,
        asked_at=now, asked_by=actor.label, asked_by_id=actor.user_id,
    )  # fmt: skip
    session.add(request)
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.ask_erasure", object_type="household", object_id=household_id,
        site_id=household.site_id, facts={"request_id": request.id, "why": why.value}, now=now,
    )  # fmt: skip
    return request.id


def decide(session: Session, request_id: int, *, approve: bool, actor: Actor, now: datetime) -> None:
    """Erase the family, or decline; by another person than the one who asked (I17).

    Raises:
        SecondPersonNeeded: the actor asked for it.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    request = session.scalar(
        select(ErasureRequest)
        .where(ErasureRequest.id == request_id, ErasureRequest.site_id.in_(sorted(actor.site_ids)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if request is None:
        raise NotFound()
    if request.state is not RequestState.ASKED:
        raise AlreadyDecided()
    if request.asked_by == actor.label or (
        actor.user_id is not None and request.asked_by_id == actor.user_id
    ):
        raise SecondPersonNeeded()
    request.state = RequestState.DONE if approve else RequestState.DECLINED
    request.decided_at, request.decided_by, request.decided_by_id = now, actor.label, actor.user_id
    session.flush()
    emptied = 0
    if approve:
        queries.lock_household(session, request.household_id, actor)
        _refuse_part(session, request.household_id)  # merged into another since it was asked for
        _refuse_while_open(session, request.household_id)
        for household_id in family_with_its_parts(session, request.household_id):
            emptied += erase(session, household_id, now=now)
    session.expire(request)
    audit.record(
        session, actor=actor, action="privacy.erase" if approve else "privacy.decline_erasure",
        object_type="household", object_id=request.household_id, site_id=request.site_id,
        facts={"request_id": request_id, **({"rows": emptied} if approve else {})}, now=now,
    )  # fmt: skip


def family_with_its_parts(session: Session, household_id: int) -> list[int]:
    """The household and all registrations that were merged into it or joined it, whose past it holds."""
    found, look = [household_id], [household_id]
    while look:
        look = list(
            session.scalars(select(HouseholdEnd.household_id).where(HouseholdEnd.successor_id.in_(look)))
        )
        look = [number for number in look if number not in found]
        found += look
    return found


def erase(session: Session, household_id: int, *, now: datetime) -> int:
    """Empty and remove everything; gives how many rows. The caller has judged, locked and logs."""
    session.flush()
    rows = sum(one.erase(session, household_id, now) for one in reversed(holdings.holdings()))
    for bound in bound_tables():
        values = {name: None if bound.table.c[name].nullable else EMPTIED for name in bound.purposes}
        session.execute(update(bound.table).where(bound.table.c[bound.owner] == household_id).values(values))
    session.execute(
        update(FamilyKey)
        .where(FamilyKey.household_id == household_id)
        .values(sealed=None, destroyed_at=now)
        .execution_options(synchronize_session=False)
    )
    connection = session.connection()
    keyring_of(connection).destroyed(connection, household_id)
    session.expire_all()
    after_commit(session, lambda: forget_in_files(connection.engine))
    return rows


def _refuse_part(session: Session, household_id: int) -> None:
    if session.scalar(select(HouseholdEnd.successor_id).where(HouseholdEnd.household_id == household_id)):
        raise PartOfAnother()


def _refuse_while_open(session: Session, household_id: int) -> None:
    for part in family_with_its_parts(session, household_id):
        found = holdings.obstacles(session, part)
        if found:
            raise CannotBeErasedYet.naming(found)


def requests(session: Session, *, actor: Actor, most: int = 25) -> list[RequestRow]:
    """Open requests first, then the latest decided ones. Names nobody: numbers of registrations alone."""
    actor.require(Permission.HOUSEHOLD_READ)
    statement = (
        select(ErasureRequest, Household.registration_no)
        .join(Household, Household.id == ErasureRequest.household_id)
        .where(ErasureRequest.site_id.in_(sorted(actor.site_ids)))
        .order_by((ErasureRequest.state == RequestState.ASKED).desc(), ErasureRequest.id.desc())
        .limit(most)
    )
    return list(_rows(session, session.execute(statement).all(), actor))


_WAITS = select(ErasureRequest).where(
    ErasureRequest.household_id == bindparam("household_id"), ErasureRequest.state == RequestState.ASKED
)


def request_of(session: Session, household_id: int) -> ErasureRequest | None:
    """What waits for a second person about this family."""
    return session.scalar(_WAITS, {"household_id": household_id})


def _rows(
    session: Session, found: Iterable[tuple[ErasureRequest, str]], actor: Actor
) -> Iterable[RequestRow]:
    for one, number in found:
        waits = one.state is RequestState.ASKED
        yield RequestRow(
            one.id, one.household_id, number, one.why, one.reason, one.state, one.asked_at, one.asked_by,
            one.decided_at, one.decided_by,
            tuple(holdings.obstacles(session, one.household_id)) if waits else (),
            one.asked_by == actor.label,
        )  # fmt: skip
