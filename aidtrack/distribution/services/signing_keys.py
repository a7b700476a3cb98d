"""The key that signs voucher codes: made when there is none, sealed at rest, unsealed once a process."""

import base64
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Centre
from aidtrack.db.vault import Vault, current_vault
from aidtrack.distribution import signing
from aidtrack.distribution.models import SigningKey
from aidtrack.kernel.actor import Actor

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


def current_signer(session: Session, *, actor: Actor, now: datetime) -> Signer:
    """The newest key that was not withdrawn; the first voucher of an installation makes the first key."""
    row = session.execute(
        select(SigningKey.id, SigningKey.private_key)
        .where(SigningKey.withdrawn_at.is_(None))
        .order_by(SigningKey.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        key_id, sealed = _make_key(session, actor=actor, now=now)
    else:
        key_id, sealed = row.id, bytes(row.private_key)
    return Signer(key_id, deployment_tag(session), _unsealed(current_vault(), sealed))


def _make_key(session: Session, *, actor: Actor, now: datetime) -> tuple[int, bytes]:
    private_key = signing.new_private_key()
    sealed = current_vault().encrypt(signing.private_key_to_pem(private_key), PURPOSE)
    key_id = session.execute(
        insert(SigningKey)
        .values(
            public_key=signing.public_key_to_bytes(private_key.public_key()),
            private_key=sealed,
            created_at=now,
        )
        .returning(SigningKey.id)
    ).scalar_one()
    audit.record(
        session,
        actor=actor,
        action="signing_key.create",
        object_type="signing_key",
        object_id=key_id,
        now=now,
    )
    return key_id, sealed


@lru_cache(maxsize=8)
def _unsealed(vault: Vault, sealed: bytes) -> ec.EllipticCurvePrivateKey:
    return signing.private_key_from_pem(vault.decrypt(sealed, PURPOSE))
