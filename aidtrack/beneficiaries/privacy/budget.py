"""How many families one person looks at in an hour: opened one by one, and shown in lists.

Counted from the log of readings itself, so that nothing can be looked at past it; one person's looks are counted one
after the other, or two at once would each count without the other. At the first limit a person says
why and goes on; at the second nothing helps but time. Programs with a token count like people; the command line does
not, since whoever runs it holds the keys.
"""

import sys
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import PrivacySettings
from aidtrack.beneficiaries.privacy.errors import AskedForReason, NoMoreNow, ReasonNeeded
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

HOUR = timedelta(hours=1)
GO_ON = "privacy.go_on"
WARN_FROM = 0.8  # of the first limit
LOOKED_AT = "aidtrack_looked_at"  # in a session's info: limits, what was seen before, what is opened now
# one family at a time; and those of which a list showed the head's name
OPENING = ("read.household", "read.protected", "read.intake", "read.holdings")
LISTING = ("read.household_list", "read.journal", "read.sitting")


@dataclass(frozen=True, slots=True)
class Limits:
    """Families an hour. A desk serves some 15; whoever prepares a sitting or a round opens some 40."""

    opened_soft: int = 60
    opened_hard: int = 180
    listed_soft: int = 400
    listed_hard: int = 1200
    export_hours: int = 4


@dataclass(frozen=True, slots=True)
class Spent:
    opened: frozenset[int]
    listed: frozenset[int]
    went_on: bool


def limits(session: Session) -> Limits:
    row = session.get(PrivacySettings, 1)
    if row is None:
        return Limits()
    return Limits(row.opened_soft, row.opened_hard, row.listed_soft, row.listed_hard, row.export_hours)


_LOOKS = select(AuditEvent.action, AuditEvent.object_type, AuditEvent.object_id, AuditEvent.facts).where(
    AuditEvent.actor_label == bindparam("label"),
    AuditEvent.at > bindparam("since"),
    AuditEvent.action.in_((*OPENING, *LISTING, GO_ON)),
)
_TURN = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("about", type_=String), 0)))


def spent(session: Session, actor: Actor, now: datetime) -> Spent:
    """What this person's readings of the last hour showed."""
    rows = session.execute(_LOOKS, {"label": actor.label, "since": now - HOUR}).all()
    opened: set[int] = set()
    listed: set[int] = set()
    for action, kind, one, facts in rows:
        if action in OPENING and one is not None:
            opened.add(unnamed(one) if kind == "intake" else one)
        elif action in LISTING:
            listed |= set(_numbers(facts, "households")) | set(map(unnamed, _numbers(facts, "unnamed")))
    return Spent(frozenset(opened), frozenset(listed), any(row.action == GO_ON for row in rows))


def unnamed(intake_id: int) -> int:
    """An appeal whose family nobody knows yet: somebody is read in it all the same, and counts for a family."""
    return -intake_id


def _numbers(facts: Mapping[str, object] | None, name: str) -> list[int]:
    shown = (facts or {}).get(name)
    return [number for number in shown if isinstance(number, int)] if isinstance(shown, list) else []


def one_at_a_time(session: Session, actor: Actor) -> None:
    """Until this transaction ends no other one counts this person's looks. On SQLite writers queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_TURN, {"about": f"looks of {actor.label}"})


def spend(
    session: Session,
    *,
    opening: Collection[int] = (),
    listing: Collection[int] = (),
    actor: Actor,
    now: datetime,
) -> None:
    """Before families are shown. What was seen within the hour already costs nothing.

    Raises:
        AskedForReason: the first limit is reached, and no reason was given within the hour.
        NoMoreNow: the second limit is reached.
    """
    if actor.role is None:
        return
    one_at_a_time(session, actor)
    allowed, before = limits(session), spent(session, actor, now)
    session.info[LOOKED_AT] = (allowed, before, frozenset(opening))
    for seen, more, soft, hard in (
        (before.opened, opening, allowed.opened_soft, allowed.opened_hard),
        (before.listed, listing, allowed.listed_soft, allowed.listed_hard),
    ):
        after = len(seen | set(more))
        if after == len(seen):
            continue
        if after > hard:
            raise NoMoreNow(seen=len(seen), limit=hard)
        if after > soft and not before.went_on:
            raise AskedForReason(seen=len(seen), limit=soft)


def room_in_lists(session: Session, actor: Actor, now: datetime) -> tuple[int, frozenset[int]]:
    """How many more families lists may show, and those that cost nothing again.

    Raises:
        AskedForReason, NoMoreNow: none. Told before anything is looked for, so that a refusal says nothing of what is there.
    """
    if actor.role is None:
        return sys.maxsize, frozenset()
    one_at_a_time(session, actor)
    allowed, before = limits(session), spent(session, actor, now)
    seen = len(before.listed)
    if seen >= allowed.listed_hard:
        raise NoMoreNow(seen=seen, limit=allowed.listed_hard)
    if seen >= allowed.listed_soft and not before.went_on:
        raise AskedForReason(seen=seen, limit=allowed.listed_soft)
    most = allowed.listed_hard if before.went_on else allowed.listed_soft
    return most - seen, before.listed


def nearly_spent(session: Session, actor: Actor, now: datetime) -> tuple[int, int] | None:
    """Families opened in this hour and the limit, when it comes near; None otherwise."""
    read = session.info.get(LOOKED_AT)  # by `spend`, for the page that now tells
    allowed, before, more = read or (limits(session), spent(session, actor, now), frozenset())
    near, opened = int(allowed.opened_soft * WARN_FROM), len(before.opened | more)
    if before.went_on or not near <= opened <= allowed.opened_soft:
        return None
    return opened, allowed.opened_soft


def go_on(session: Session, reason: str, *, actor: Actor, now: datetime) -> None:
    """Go on past the first limit for an hour. The reason is for the administrator and names nobody."""
    actor.require(Permission.HOUSEHOLD_READ)
    words = " ".join(reason.split())[:300]
    if len(words) < 5:
        raise ReasonNeeded()
    before = spent(session, actor, now)
    audit.record(
        session, actor=actor, action=GO_ON, site_id=min(actor.site_ids, default=None), reason=words,
        facts={"opened": len(before.opened), "listed": len(before.listed)}, now=now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WentOn:
    at: datetime
    who: str
    reason: str | None
    opened: int
    listed: int


def went_on(session: Session, actor: Actor, *, since: datetime, most: int = 100) -> list[WentOn]:
    """Who went past the limit at the actor's sites, newest first."""
    actor.require(Permission.PRIVACY_MANAGE)
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.actor_label, AuditEvent.reason, AuditEvent.facts)
        .where(
            AuditEvent.action == GO_ON, AuditEvent.at >= since, AuditEvent.site_id.in_(sorted(actor.site_ids))
        )
        .order_by(AuditEvent.id.desc())
        .limit(most)
    )
    return [
        WentOn(
            at,
            who,
            reason,
            int(str((facts or {}).get("opened", 0))),
            int(str((facts or {}).get("listed", 0))),
        )
        for at, who, reason, facts in rows
    ]
