"""Phones as requests and pages read them, within the actor's sites."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site, UserAccount, UserSite
from aidtrack.db.prepared import Prepared
from aidtrack.distribution.models import Device, DeviceInvitation, Round
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class PresentDevice:
    """The phone that signed a request, with what is true of it and its person at this moment."""

    id: int
    public_id: str
    public_key: bytes
    user_id: int
    site_id: int
    round_id: int
    place_id: int
    revoked: bool
    login: str
    role: Role
    language: str
    person_active: bool  # not deactivated, and still of the phone's site


_PRESENT = Prepared(
    select(
        Device.id, Device.public_id, Device.public_key, Device.user_id, Device.site_id, Device.round_id,
        Device.place_id, Device.revoked_at, UserAccount.login, UserAccount.role, UserAccount.language,
        UserAccount.deactivated_at, UserSite.site_id,
    )
    .join(UserAccount, UserAccount.id == Device.user_id)
    .outerjoin(UserSite, (UserSite.user_id == Device.user_id) & (UserSite.site_id == Device.site_id))
    .where(Device.public_id == bindparam("public_id"))
)  # fmt: skip


def present_device(session: Session, public_id: str) -> PresentDevice | None:
    """Read anew for every request, so that a revocation counts from the next one on (I18)."""
    row = _PRESENT.row(session, public_id=public_id)
    if row is None:
        return None
    return PresentDevice(
        id=row[0], public_id=row[1], public_key=bytes(row[2]), user_id=row[3], site_id=row[4], round_id=row[5],
        place_id=row[6], revoked=row[7] is not None, login=row[8], role=Role(row[9]), language=row[10],
        person_active=row[11] is None and row[12] is not None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A phone as lists and pages show it."""

    id: int
    public_id: str
    label: str
    user_id: int
    person: str
    site_id: int
    round_id: int
    round_code: str
    place_id: int
    place_name_uk: str
    place_name_en: str
    time_zone: str
    app_version: str
    enrolled_at: datetime
    enrolled_by: str
    last_seen_at: datetime | None
    last_pack_serial: str | None
    last_pack_at: datetime | None
    last_pack_rows: int | None
    unsent: int | None
    unsent_oldest_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None
    person_left_at: datetime | None  # their account was closed
    person_site: int | None  # None: they are no longer of the phone's site

    @property
    def person_gone(self) -> bool:
        """Whether the phone is refused although nobody revoked it."""
        return self.person_left_at is not None or self.person_site is None

    @property
    def revoked(self) -> bool:
        return self.revoked_at is not None


def _devices(actor: Actor) -> Select[*tuple[Any, ...]]:
    revoker = aliased(UserAccount)
    return (
        select(
            Device.id, Device.public_id, Device.label, Device.user_id, UserAccount.display_name, Device.site_id,
            Device.round_id, Round.code, Device.place_id, Place.name_uk, Place.name_en, Site.time_zone,
            Device.app_version, Device.enrolled_at, Device.enrolled_by, Device.last_seen_at,
            Device.last_pack_serial, Device.last_pack_at, Device.last_pack_rows, Device.unsent_reported,
            Device.unsent_oldest_at, Device.revoked_at, revoker.display_name, Device.revoke_reason,
            UserAccount.deactivated_at, UserSite.site_id,
        )
        .join(UserAccount, UserAccount.id == Device.user_id)
        .join(Round, Round.id == Device.round_id)
        .join(Place, Place.id == Device.place_id)
        .join(Site, Site.id == Device.site_id)
        .outerjoin(UserSite, (UserSite.user_id == Device.user_id) & (UserSite.site_id == Device.site_id))
        .outerjoin(revoker, revoker.id == Device.revoked_by_id)
        .where(Device.site_id.in_(actor.site_ids))
    )  # fmt: skip


def devices(session: Session, *, actor: Actor) -> list[DeviceRow]:
    """The phones of the actor's sites: those in use first, the newest first."""
    actor.require(Permission.DEVICE_MANAGE)
    query = _devices(actor).order_by(Device.revoked_at.is_not(None), Device.id.desc())
    return [DeviceRow(*row) for row in session.execute(query)]


def device(session: Session, device_id: int, *, actor: Actor) -> DeviceRow:
    """Raises `NotFound` for another site's phone as for none."""
    actor.require(Permission.DEVICE_MANAGE)
    row = session.execute(_devices(actor).where(Device.id == device_id)).one_or_none()
    if row is None:
        raise NotFound
    return DeviceRow(*row)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code shown to be scanned; the code itself is not kept."""

    id: int
    user_id: int
    person: str
    round_id: int
    place_id: int
    expires_at: datetime
    device_id: int | None

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at


def invitation(session: Session, invitation_id: int, *, actor: Actor) -> Invitation:
    """Raises `NotFound` for another site's."""
    actor.require(Permission.DEVICE_MANAGE)
    row = session.execute(
        select(
            DeviceInvitation.id, DeviceInvitation.user_id, UserAccount.display_name, DeviceInvitation.round_id,
            DeviceInvitation.place_id, DeviceInvitation.expires_at, DeviceInvitation.device_id,
        )
        .join(UserAccount, UserAccount.id == DeviceInvitation.user_id)
        .where(DeviceInvitation.id == invitation_id, DeviceInvitation.site_id.in_(actor.site_ids))
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound
    return Invitation(*row)


def people_who_hand_out(session: Session, *, actor: Actor) -> list[tuple[int, str, frozenset[int]]]:
    """Whom a phone can be given to: id, name, and their sites among the actor's."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.display_name, UserAccount.role, UserSite.site_id)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(UserAccount.deactivated_at.is_(None), UserSite.site_id.in_(actor.site_ids))
        .order_by(UserAccount.display_name, UserAccount.id)
    ).all()
    sites: dict[tuple[int, str], set[int]] = {}
    for user_id, name, role, site_id in rows:
        if may_hand_out(role):
            sites.setdefault((user_id, name), set()).add(site_id)
    return [(user_id, name, frozenset(at)) for (user_id, name), at in sites.items()]


def may_hand_out(role: Role) -> bool:
    from aidtrack.kernel.actor import PERMISSIONS

    return Permission.HANDOUT_GIVE in PERMISSIONS[role]


def hands_out_at(session: Session, user_id: int, site_id: int) -> bool:
    """Whether this person is active, of this site, and of a role that hands out."""
    role = session.scalar(
        select(UserAccount.role).where(
            UserAccount.id == user_id,
            UserAccount.deactivated_at.is_(None),
            exists().where(UserSite.user_id == UserAccount.id, UserSite.site_id == site_id),
        )
    )
    return role is not None and may_hand_out(role)
