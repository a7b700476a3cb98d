"""What comes in: from the public page without a name, and typed by staff from a desk, a phone, a box, a letter."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.accounts.services import count_try
from aidtrack.beneficiaries.models import Household
from aidtrack.db.vault import current_vault
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.feedback import queries
from aidtrack.feedback.commands import Channel, Receive, Record, State
from aidtrack.feedback.errors import (
    FamilyNotHere,
    FutureDay,
    KindMissing,
    NothingSaid,
    NotInThisState,
    TextTooShort,
    TooManyMessages,
    UnknownRound,
)
from aidtrack.feedback.models import Feedback, FeedbackRating
from aidtrack.feedback.services.keeping import forget_old
from aidtrack.feedback.services.references import hash_of, reference_of, typed
from aidtrack.feedback.working_days import due_on, term_on
from aidtrack.inventory.services.documents import hold_site, next_number
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.kernel.late import dataclass

# sensitive entries have numbers of their own: a gap in the register would tell of them
LETTER, SENSITIVE_LETTER = "F", "FS"
LONGEST = 4_000
USUAL_DAYS = 10  # for a kind whose first term begins later than the entry
MOST_MESSAGES, MOST_LOOKS = 20, 30  # from one address within the throttle's window; many phones share one
RATE = "feedback.rate"
RECORD = "feedback.record"
PUBLIC = "public page"


@dataclass(frozen=True, slots=True)
class Received:
    """What was made. `reference` is shown once; None where only a mark was given."""

    reference: str | None
    feedback_id: int | None = None
    number: str | None = None


def receive(session: Session, command: Receive, *, address: str, now: datetime) -> Received:
    """Take what somebody sent from the public page. Nobody is known, and the address is counted, not kept.

    Raises:
        NothingSaid, TextTooShort, KindMissing, UnknownRound, TooManyMessages, NotFound.
    """
    words = command.text.strip()[:LONGEST]
    if not words and command.rating is None:
        raise NothingSaid
    kinds = queries.kinds_on(session, local_date(now))
    if words and (command.kind is None or command.kind not in kinds):
        raise KindMissing
    if words and len(words) < 3:
        raise TextTooShort
    site_code, today = _site(session, command.site_id, now)
    reference = reference_of(command.command_id)
    if words and (found := queries.by_reference(session, hash_of(reference))) is not None:
        return Received(reference, found.id)
    actor = _public(command.site_id)
    done = audit.already_done(session, command_id=command.command_id, kind=RATE, body={})
    if done is not None:
        return Received(None)
    _slow_down(session, "feedback.message", address, MOST_MESSAGES, now)
    round_id = _round(session, command, today)
    made = None
    if words:
        assert command.kind is not None
        made = Feedback(
            number=_number(session, site_code, kinds[command.kind].sensitive, today),
            reference_hash=hash_of(reference), site_id=command.site_id, channel=Channel.WEB, kind=command.kind, sensitive=kinds[command.kind].sensitive,
            text=words, language=command.language, rating=command.rating, round_id=round_id, received_on=today,
            due_on=_due(session, command.kind, today), state=State.NEW, recorded_at=now, recorded_by=PUBLIC,
            times_reopened=0,
        )  # fmt: skip
        session.add(made)
        session.flush()
    if command.rating is not None:
        _rate(
            session, command.site_id, round_id, Channel.WEB, command.rating, today, made.id if made else None
        )
    if made is None:
        audit.mark_done(
            session, command_id=command.command_id, kind=RATE, body={}, object_id=0, actor=actor, now=now
        )
        return Received(None)
    _log(session, made, "feedback.receive", actor=actor, now=now)
    forget_old(session, now=now)
    return Received(reference, made.id, made.number)


def _round(session: Session, command: Receive, today: date) -> int | None:
    """Which distribution it is about, where that points at no family."""
    if not (command.round_code or "").strip():
        return None
    round_id = queries.round_named(session, command.site_id, command.round_code or "", today)
    if round_id is None:
        raise UnknownRound
    return round_id if queries.hides_families(session, round_id) else None


def count_wrong_round(session: Session, *, address: str, now: datetime) -> None:
    """A refusal undoes its own count: names of distributions are not to be guessed at will.

    Raises:
        TooManyMessages.
    """
    _slow_down(session, "feedback.look", address, MOST_LOOKS, now)


def record(session: Session, command: Record, *, actor: Actor, now: datetime) -> Received:
    """Enter what came to a desk, by phone, in the box or by letter.

    Raises:
        FutureDay, FamilyNotHere, KindMissing, TextTooShort, CommandReused, NotFound.
    """
    actor.require(Permission.FEEDBACK_HANDLE, site_id=command.site_id)
    site_code, today = _site(session, command.site_id, now)
    reference = reference_of(command.command_id)
    done = audit.already_done(session, command_id=command.command_id, kind=RECORD, body=_bare(command))
    if done is not None:
        return Received(reference, done.object_id)
    kinds = queries.kinds_on(session, today)  # a box is emptied days later: today's list, as on the page
    if command.kind not in kinds:
        raise KindMissing
    words = command.text.strip()[:LONGEST]
    if len(words) < 3:
        raise TextTooShort
    if command.received_on > today:
        raise FutureDay
    _check_links(session, command, actor)
    sensitive = command.sensitive or kinds[command.kind].sensitive
    made = Feedback(
        number=_number(session, site_code, sensitive, today), reference_hash=hash_of(reference),
        site_id=command.site_id, channel=command.channel, kind=command.kind, sensitive=sensitive, text=words, writer_name=command.name,
        writer_phone=command.phone, household_id=command.household_id, round_id=command.round_id,
        about_user_id=command.about_user_id, language=actor.language, rating=command.rating,
        received_on=command.received_on, due_on=_due(session, command.kind, command.received_on), state=State.NEW,
        recorded_at=now, recorded_by=actor.label, recorded_by_id=actor.user_id, times_reopened=0,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if command.rating is not None:
        _rate(session, command.site_id, command.round_id, command.channel, command.rating, command.received_on, made.id)  # fmt: skip
    _log(session, made, "feedback.record", actor=actor, now=now)
    forget_old(session, now=now)
    audit.mark_done(
        session, command_id=command.command_id, kind=RECORD, body=_bare(command), object_id=made.id, actor=actor,
        now=now,
    )  # fmt: skip
    return Received(reference, made.id, made.number)


def _bare(command: Record) -> dict[str, object]:
    """Without words and names: the receipt's hash has no key, and short texts could be guessed from it."""
    body = dict(command.body())
    for name in ("text", "name", "phone"):
        body.pop(name)
    return body


def look_up(session: Session, code: str, *, address: str, now: datetime) -> queries.PublicRow | None:
    """What became of a message, for whoever holds its code; None where there is no such code.

    The try counts either way, so the caller commits before it tells.

    Raises:
        TooManyMessages.
    """
    _slow_down(session, "feedback.look", address, MOST_LOOKS, now)
    try:
        reference = typed(code)
    except DomainError:
        return None
    return queries.by_reference(session, hash_of(reference))


def reopen_by_writer(session: Session, code: str, text: str, *, address: str, now: datetime) -> bool:
    """The writer is not content with the answer: the entry is open again, with what they add.

    False where there is no such code. The try counts either way, so the caller commits before it tells.

    Raises:
        NotInThisState, TextTooShort, TooManyMessages.
    """
    _slow_down(session, "feedback.message", address, MOST_MESSAGES, now)
    try:
        found = queries.by_reference(session, hash_of(typed(code)))
    except DomainError:
        return False
    if found is None:
        return False
    from aidtrack.feedback.services.handling import set_open

    row = session.execute(select(Feedback).where(Feedback.id == found.id).with_for_update()).scalar_one()
    if row.state not in (State.ANSWERED, State.CLOSED):
        raise NotInThisState
    words = text.strip()[:LONGEST]
    if len(words) < 3:
        raise TextTooShort
    _code, today = _site(session, row.site_id, now)
    row.text = f"{row.text or ''}\n\n{today:%d.%m.%Y}: {words}".strip()
    set_open(session, row, today)
    session.flush()
    _log(session, row, "feedback.reopen", actor=_public(row.site_id), now=now)
    return True


def due_from(session: Session, kind: str, day: date) -> date:
    """The last day in time for an entry of this kind that is open since this day."""
    return _due(session, kind, day)


def _due(session: Session, kind: str, received: date) -> date:
    days = term_on(queries.terms(session, kind), received)
    return due_on(received, USUAL_DAYS if days is None else days, queries.calendar(session))


def _number(session: Session, site_code: str, sensitive: bool, day: date) -> str:
    letter = SENSITIVE_LETTER if sensitive else LETTER
    return next_number(session, Feedback.number, site_code, letter, day)


def _public(site_id: int) -> Actor:
    return Actor(label=PUBLIC, role=None, site_ids=frozenset({site_id}))


def _site(session: Session, site_id: int, now: datetime) -> tuple[str, date]:
    row = session.execute(select(Site.code, Site.time_zone).where(Site.id == site_id)).one_or_none()
    if row is None:
        raise NotFound
    hold_site(session, site_id)
    return row.code, local_date(now, row.time_zone)


def _check_links(session: Session, command: Record, actor: Actor) -> None:
    if command.household_id is not None:
        site_id = session.scalar(select(Household.site_id).where(Household.id == command.household_id))
        if site_id != command.site_id:
            raise FamilyNotHere
    if command.round_id is not None and round_by_id(session, command.round_id, actor=actor).site_id != command.site_id:  # fmt: skip
        raise NotFound
    if command.about_user_id is not None:
        known = {user_id for user_id, _name in queries.colleagues(session, {command.site_id})}
        if command.about_user_id not in known:
            raise NotFound


def _rate(
    session: Session, site_id: int, round_id: int | None, channel: Channel, rating: int, day: date, feedback_id: int | None
) -> None:  # fmt: skip
    session.add(
        FeedbackRating(
            site_id=site_id, round_id=round_id, channel=channel, rating=rating, given_on=day, feedback_id=feedback_id
        )
    )  # fmt: skip
    session.flush()


def _slow_down(session: Session, what: str, address: str, most: int, now: datetime) -> None:
    wait = count_try(session, {current_vault().digest(address, what): most}, now=now)
    if wait:
        raise TooManyMessages(retry_after_s=wait)


def _log(session: Session, row: Feedback, action: str, *, actor: Actor, now: datetime) -> None:
    # neither number nor kind: the log is read by more people than sensitive entries are
    audit.record(
        session, actor=actor, action=action, object_type="feedback", object_id=row.id, site_id=row.site_id,
        now=now,
    )  # fmt: skip
