"""The keys that sign voucher codes: one a round, sealed at rest, unsealed once a process, withdrawn after a leak."""

import base64
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Centre
from aidtrack.db.vault import Vault, current_vault
from aidtrack.distribution import signing
from aidtrack.distribution.errors import KeyWithdrawn, NoSuchKey, ReasonMissing
from aidtrack.distribution.models import SigningKey
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

PURPOSE = "signing_key"
BODY_BYTES = 36


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs codes of one deployment with one key."""

    key_id: int
    deployment_tag: int
    private_key: ec.EllipticCurvePrivateKey

    def sign(
        self,
        *,
        round_tag: int,
        public_id: bytes,
        status_index: int,
        profile: int,
        first_day: date,
        last_day: date,
    ) -> bytes:
        """The 64 bytes kept in the voucher's row; the code is put together again when it is printed."""
        claims = signing.VoucherClaims(
            key_id=self.key_id,
            deployment_tag=self.deployment_tag,
            round_tag=round_tag,
            voucher_id=UUID(bytes=public_id),
            status_index=status_index,
            profile=profile,
            first_day=first_day,
            last_day=last_day,
        )
        code = signing.encode(claims, self.private_key)
        return base64.b32decode(code.removeprefix(signing.PREFIX))[BODY_BYTES:]


def deployment_tag(session: Session) -> int:
    """The 32 bits that tell this centre's vouchers from every other's."""
    tag = session.execute(select(Centre.deployment_tag).order_by(Centre.id).limit(1)).scalar_one_or_none()
    if tag is None:
        raise RuntimeError("the installation has no centre row")
    return int.from_bytes(tag, "big")


def signer_of(session: Session, round_id: int, *, actor: Actor, now: datetime) -> Signer:
    """The round's newest key that was not withdrawn; the first voucher after that makes one.

    Call while the round's row is held, or two would make a key each.
    """
    row = session.execute(
        select(SigningKey.id, SigningKey.private_key)
        .where(SigningKey.withdrawn_at.is_(None), SigningKey.round_id == round_id)
        .order_by(SigningKey.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        key_id, sealed = _make_key(session, round_id, actor=actor, now=now)
    else:
        key_id, sealed = row.id, bytes(row.private_key)
    return Signer(key_id, deployment_tag(session), _unsealed(current_vault(), sealed))


def rotate_key(session: Session, round_id: int, *, actor: Actor, now: datetime) -> int:
    """A new key for what is issued in the round from now on; codes signed before stay good. Returns its id."""
    actor.require(Permission.VOUCHER_ISSUE)
    return _make_key(session, round_id, actor=actor, now=now)[0]


def withdraw_key(session: Session, key_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """After a leak: every code the key signed is refused from the commit on, by phones from their next pack.

    What was handed out stays handed out. `services.reissuing` gives the families new papers.

    Raises:
        NoSuchKey, KeyWithdrawn, ReasonMissing.
    """
    actor.require(Permission.VOUCHER_ISSUE)
    because = " ".join(reason.split())[:300]
    if not because:
        raise ReasonMissing
    row = session.execute(
        select(SigningKey.withdrawn_at).where(SigningKey.id == key_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchKey(key_id=key_id)
    if row.withdrawn_at is not None:
        raise KeyWithdrawn(key_id=key_id)
    session.execute(
        update(SigningKey).where(SigningKey.id == key_id).values(withdrawn_at=now, withdrawn_reason=because)
    )
    audit.record(
        session, actor=actor, action="signing_key.withdraw", object_type="signing_key", object_id=key_id,
        reason=because, now=now,
    )  # fmt: skip


def _make_key(session: Session, round_id: int, *, actor: Actor, now: datetime) -> tuple[int, bytes]:
    private_key = signing.new_private_key()
    sealed = current_vault().encrypt(signing.private_key_to_pem(private_key), PURPOSE)
    key_id = session.execute(
        insert(SigningKey)
        .values(
            round_id=round_id,
            public_key=signing.public_key_to_bytes(private_key.public_key()),
            private_key=sealed,
            created_at=now,
        )
        .returning(SigningKey.id)
    ).scalar_one()
    audit.record(
        session, actor=actor, action="signing_key.create", object_type="signing_key", object_id=key_id, now=now,
        facts={"round_id": round_id},
    )  # fmt: skip
    return key_id, sealed


@lru_cache(maxsize=64)
def _unsealed(vault: Vault, sealed: bytes) -> ec.EllipticCurvePrivateKey:
    return signing.private_key_from_pem(vault.decrypt(sealed, PURPOSE))
