"""Personal codes with which a supervisor lets a family be served without a voucher, also without a network."""

import base64
import secrets
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.db.vault import current_vault
from aidtrack.distribution.models import SupervisorCode
from aidtrack.distribution.phones import supervisors
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission, Role
from aidtrack.kernel.ids import new_code
from aidtrack.kernel.late import dataclass

PURPOSE = "supervisor_code"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class NewCode:
    """The code in stored form: shown once and kept nowhere."""

    id: int
    code: str


def make_code(session: Session, *, site_id: int, actor: Actor, now: datetime) -> NewCode:
    """A new code for the actor at one site; the one before is withdrawn.

    Phones know it when their next pack comes, and until then go on taking the old one; proofs made with that
    are told apart on the server (`key_of_code`).
    """
    actor.require(Permission.HANDOUT_SUPERVISE, site_id=site_id)
    assert actor.user_id is not None, "a code belongs to a person"
    session.execute(
        update(SupervisorCode)
        .where(
            SupervisorCode.user_id == actor.user_id,
            SupervisorCode.site_id == site_id,
            SupervisorCode.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    code, salt = new_code(), secrets.token_bytes(SALT_BYTES)
    key = supervisors.key_of(code, salt, supervisors.ITERATIONS)
    number = session.execute(
        insert(SupervisorCode)
        .values(
            user_id=actor.user_id,
            site_id=site_id,
            salt=salt,
            iterations=supervisors.ITERATIONS,
            key=current_vault().encrypt(base64.b64encode(key).decode(), PURPOSE),
            key_hash=supervisors.hash_of(key),
            created_at=now,
        )
        .returning(SupervisorCode.id)
    ).scalar_one()
    audit.record(
        session, actor=actor, action="supervisor_code.create", object_type="supervisor_code", object_id=number,
        site_id=site_id, now=now,
    )  # fmt: skip
    return NewCode(number, code)


def withdraw_code(session: Session, *, site_id: int, actor: Actor, now: datetime) -> bool:
    """End one's own code; False where there was none."""
    actor.require(Permission.HANDOUT_SUPERVISE, site_id=site_id)
    number = session.scalar(
        update(SupervisorCode)
        .where(
            SupervisorCode.user_id == actor.user_id,
            SupervisorCode.site_id == site_id,
            SupervisorCode.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .returning(SupervisorCode.id)
    )
    if number is None:
        return False
    audit.record(
        session, actor=actor, action="supervisor_code.withdraw", object_type="supervisor_code", object_id=number,
        site_id=site_id, now=now,
    )  # fmt: skip
    return True


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Somebody whose code phones of a site take."""

    id: int
    user_id: int
    name: str
    salt: bytes
    iterations: int
    key_hash: bytes
    created_at: datetime


def supervisors_at(session: Session, site_id: int) -> list[Supervisor]:
    """Those with a live code who are still active, still of the site, and still of a role that supervises."""
    roles = [role for role in Role if Permission.HANDOUT_SUPERVISE in PERMISSIONS[role]]
    rows = session.execute(
        select(
            SupervisorCode.id, SupervisorCode.user_id, UserAccount.display_name, SupervisorCode.salt,
            SupervisorCode.iterations, SupervisorCode.key_hash, SupervisorCode.created_at,
        )
        .join(UserAccount, UserAccount.id == SupervisorCode.user_id)
        .join(UserSite, (UserSite.user_id == SupervisorCode.user_id) & (UserSite.site_id == site_id))
        .where(
            SupervisorCode.site_id == site_id,
            SupervisorCode.withdrawn_at.is_(None),
            UserAccount.deactivated_at.is_(None),
            UserAccount.role.in_(roles),
        )
        .order_by(UserAccount.display_name, SupervisorCode.id)
    )  # fmt: skip
    return [Supervisor(row[0], row[1], row[2], bytes(row[3]), row[4], bytes(row[5]), row[6]) for row in rows]


@dataclass(frozen=True, slots=True)
class CodeKey:
    """What a proof is checked with, and whose code it was."""

    user_id: int
    name: str
    key: bytes
    created_at: datetime
    withdrawn_at: datetime | None


def key_of_code(session: Session, code_id: int, *, site_id: int) -> CodeKey | None:
    """For `supervisors.proves`. Also of a withdrawn code: the event may be older than the withdrawal."""
    row = session.execute(
        select(
            SupervisorCode.user_id, UserAccount.display_name, SupervisorCode.key, SupervisorCode.created_at,
            SupervisorCode.withdrawn_at,
        )
        .join(UserAccount, UserAccount.id == SupervisorCode.user_id)
        .where(SupervisorCode.id == code_id, SupervisorCode.site_id == site_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return CodeKey(
        row[0], row[1], base64.b64decode(current_vault().decrypt(bytes(row[2]), PURPOSE)), row[3], row[4]
    )
