"""Inviting, enrolling and revoking phones, and what is remembered of each."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import SignInAttempt, UserAccount
from aidtrack.db.vault import current_vault
from aidtrack.distribution.models import Device, DeviceInvitation, RoundState
from aidtrack.distribution.phones.signatures import is_point
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.inventory.kinds import REAL_PLACES
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.scanner.devices import queries
from aidtrack.scanner.devices.commands import EnrolPhone, Heard, InvitePhone, RevokePhone
from aidtrack.scanner.devices.errors import (
    AlreadyRevoked,
    CannotHandOut,
    InvitationExpired,
    InvitationUsed,
    PlaceOfAnotherSite,
    RoundIsClosed,
    TooManyInvitationTries,
    UnknownInvitation,
)

INVITATION_BYTES = 32
INVITATION_LIVES = timedelta(minutes=15)
WRONG_TRIES, WRONG_TRIES_WITHIN = 20, timedelta(minutes=15)
LABEL_LENGTH, APP_LENGTH = 80, 40


@dataclass(frozen=True, slots=True)
class Invited:
    """The code to show; it is kept nowhere."""

    invitation_id: int
    token: bytes
    expires_at: datetime


def invite(session: Session, command: InvitePhone, *, actor: Actor, now: datetime) -> Invited:
    """A code for one phone. A newer one for the same person and round ends the older ones.

    Raises:
        NotFound: another site's round, or none.
        PlaceOfAnotherSite, CannotHandOut, RoundIsClosed
    """
    round_ = round_by_id(session, command.round_id, actor=actor)
    actor.require(Permission.DEVICE_MANAGE, site_id=round_.site_id)
    _require_usable(session, round_, command.place_id)
    if not queries.hands_out_at(session, command.user_id, round_.site_id):
        raise CannotHandOut
    session.execute(
        update(DeviceInvitation)
        .where(
            DeviceInvitation.user_id == command.user_id,
            DeviceInvitation.round_id == command.round_id,
            DeviceInvitation.used_at.is_(None),
            DeviceInvitation.expires_at > now,
        )
        .values(expires_at=now)
    )
    token, expires_at = secrets.token_bytes(INVITATION_BYTES), now + INVITATION_LIVES
    number = session.execute(
        insert(DeviceInvitation)
        .values(
            token_hash=sha256(token).digest(),
            user_id=command.user_id,
            site_id=round_.site_id,
            round_id=round_.id,
            place_id=command.place_id,
            created_at=now,
            created_by=actor.label,
            expires_at=expires_at,
        )
        .returning(DeviceInvitation.id)
    ).scalar_one()
    audit.record(
        session, actor=actor, action="device.invite", object_type="device_invitation", object_id=number,
        site_id=round_.site_id, now=now,
        facts={"user": command.user_id, "round": round_.id, "place": command.place_id},
    )  # fmt: skip
    return Invited(number, token, expires_at)


def _require_usable(session: Session, round_: RoundRow, place_id: int) -> None:
    """The round goes on, and the place is a real one of its site: the round's own, a van, another point."""
    if round_.state is RoundState.CLOSED:
        raise RoundIsClosed
    fits = session.scalar(
        select(Place.id).where(
            Place.id == place_id,
            Place.site_id == round_.site_id,
            Place.kind.in_(REAL_PLACES),
            Place.active,
        )
    )
    if fits is None:
        raise PlaceOfAnotherSite


# -- enrolling ---------------------------------------------------------------------------------------


def enrol(session: Session, command: EnrolPhone, *, now: datetime) -> int:
    """A new device for the person the invitation names; returns its id. Nobody is signed in here.

    Raises:
        InvalidValue: not a public key on the curve.
        UnknownInvitation, InvitationUsed, InvitationExpired
        CannotHandOut, RoundIsClosed: things changed since the code was shown.
    """
    if not is_point(command.public_key):
        raise InvalidValue(field="public_key", value="public_key")
    found = session.scalars(
        select(DeviceInvitation)
        .where(DeviceInvitation.token_hash == sha256(command.invitation).digest())
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise UnknownInvitation
    if found.device_id is not None:
        return _same_phone(session, found.device_id, command.public_key)
    if now >= found.expires_at:
        raise InvitationExpired
    actor = _person(session, found.user_id, found.site_id)
    round_ = round_by_id(session, found.round_id, actor=actor)
    _require_usable(session, round_, found.place_id)
    device_id = session.execute(
        insert(Device)
        .values(
            public_id=str(uuid4()),
            label=clean(command.name)[:LABEL_LENGTH] or "?",
            user_id=found.user_id,
            site_id=found.site_id,
            round_id=found.round_id,
            place_id=found.place_id,
            public_key=command.public_key,
            app_version=clean(command.app)[:APP_LENGTH],
            enrolled_at=now,
            enrolled_by=found.created_by,
            last_seen_at=now,
        )
        .returning(Device.id)
    ).scalar_one()
    session.execute(
        update(DeviceInvitation)
        .where(DeviceInvitation.id == found.id)
        .values(used_at=now, device_id=device_id)
    )
    audit.record(
        session, actor=actor, action="device.enrol", object_type="device", object_id=device_id,
        site_id=found.site_id, now=now, facts={"round": found.round_id, "place": found.place_id},
    )  # fmt: skip
    return device_id


def _same_phone(session: Session, device_id: int, public_key: bytes) -> int:
    """A phone whose answer was lost asks again with the same key, and is the same device."""
    known = session.scalars(select(Device.public_key).where(Device.id == device_id)).one()
    if bytes(known) != public_key:
        raise InvitationUsed
    return device_id


def _person(session: Session, user_id: int, site_id: int) -> Actor:
    """Whom the invitation names, as they are now."""
    account = session.execute(
        select(UserAccount.login, UserAccount.role).where(UserAccount.id == user_id)
    ).one()
    if not queries.hands_out_at(session, user_id, site_id):
        raise CannotHandOut
    return Actor(
        label=account.login, role=account.role, site_ids=frozenset({site_id}), user_id=user_id,
        permissions=PERMISSIONS[account.role],
    )  # fmt: skip


def clean(text: str) -> str:
    """What a phone calls itself, on one line, without characters that cannot be shown or kept."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def slow_down(session: Session, address: str, *, now: datetime) -> None:
    """Refuse an address that tried many wrong invitations. Raises `TooManyInvitationTries`."""
    tried = session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.subject_hash == _subject(address), SignInAttempt.at > now - WRONG_TRIES_WITHIN)
    )
    if (tried or 0) >= WRONG_TRIES:
        raise TooManyInvitationTries(retry_after_s=int(WRONG_TRIES_WITHIN.total_seconds()))


def note_wrong_try(session: Session, address: str, *, now: datetime) -> None:
    """In a unit of its own: the refused one is undone. Rows go with those of wrong sign-ins, after a while."""
    session.execute(insert(SignInAttempt).values(subject_hash=_subject(address), at=now))


def _subject(address: str) -> bytes:
    return current_vault().digest(address, "device.enrol")


# -- afterwards --------------------------------------------------------------------------------------


def revoke(session: Session, command: RevokePhone, *, actor: Actor, now: datetime) -> None:
    """From the commit on every request of the phone is refused; its invitations are gone already.

    Raises:
        NotFound, AlreadyRevoked
    """
    actor.require(Permission.DEVICE_MANAGE)
    device = session.scalars(
        select(Device)
        .where(Device.id == command.device_id, Device.site_id.in_(actor.site_ids))
        .with_for_update()
    ).one_or_none()
    if device is None:
        raise NotFound
    if device.revoked_at is not None:
        raise AlreadyRevoked
    session.execute(
        update(Device)
        .where(Device.id == device.id)
        .values(revoked_at=now, revoked_by_id=actor.user_id, revoke_reason=command.reason)
    )
    audit.record(
        session, actor=actor, action="device.revoke", object_type="device", object_id=device.id,
        site_id=device.site_id, reason=command.reason, now=now,
    )  # fmt: skip


def heard(session: Session, device_id: int, said: Heard, *, now: datetime) -> None:
    """The phone spoke. What it said of itself replaces what it said before; what it left out stays."""
    values: dict[str, object] = {"last_seen_at": now}
    if said.app is not None:
        values["app_version"] = clean(said.app)[:APP_LENGTH]
    if said.unsent is not None:
        values |= {"unsent_reported": said.unsent, "unsent_oldest_at": said.oldest if said.unsent else None}
    if said.last_seq is not None:
        values["last_seq_reported"] = said.last_seq
    session.execute(update(Device).where(Device.id == device_id).values(values))


def note_pack(session: Session, device_id: int, *, serial: str, rows: int | None, now: datetime) -> None:
    """What the phone holds from now on; `rows` None where it keeps the pack it has."""
    values: dict[str, object] = {"last_seen_at": now, "last_pack_serial": serial, "last_pack_at": now}
    if rows is not None:
        values["last_pack_rows"] = rows
    session.execute(update(Device).where(Device.id == device_id).values(values))
