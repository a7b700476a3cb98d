"""The centre's key for files of unsent events: made when there is none, its private half sealed at rest."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db.vault import current_vault
from aidtrack.distribution import signing
from aidtrack.distribution.models import FileKey
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

PURPOSE = "file_key"


def newest_point(session: Session) -> bytes | None:
    """The public key that packs carry now; None before the first pack."""
    found = session.scalars(select(FileKey.public_key).order_by(FileKey.id.desc()).limit(1)).one_or_none()
    return bytes(found) if found is not None else None


def make_if_none(session: Session, *, actor: Actor, now: datetime) -> None:
    """The first phone of an installation makes the first key."""
    if newest_point(session) is not None:
        return
    private_key = signing.new_private_key()
    sealed = current_vault().encrypt(signing.private_key_to_pem(private_key), PURPOSE)
    number = session.execute(
        insert(FileKey)
        .values(
            public_key=signing.public_key_to_bytes(private_key.public_key()),
            private_key=sealed,
            created_at=now,
        )
        .returning(FileKey.id)
    ).scalar_one()
    audit.record(
        session, actor=actor, action="file_key.create", object_type="file_key", object_id=number, now=now
    )


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key files may have been written for."""

    id: int
    private_key: ec.EllipticCurvePrivateKey


def private_keys(session: Session) -> list[OwnKey]:
    """Every key there ever was, the newest first: a file may be as old as the phone's last pack."""
    rows = session.execute(select(FileKey.id, FileKey.private_key).order_by(FileKey.id.desc())).all()
    return [
        OwnKey(number, signing.private_key_from_pem(current_vault().decrypt(bytes(sealed), PURPOSE)))
        for number, sealed in rows
    ]
