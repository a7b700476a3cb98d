"""The phone an event comes from, as taking events needs it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from aidtrack.db.prepared import as_moment
from aidtrack.distribution.field import statements
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission, Role


@dataclass(frozen=True)
class FieldDevice:
    """One person's phone, for one round and place."""

    id: int
    public_id: str
    user_id: int
    site_id: int
    round_id: int
    place_id: int
    public_key: bytes
    enrolled_at: datetime
    revoked_at: datetime | None
    login: str
    language: str
    time_zone: str

    @cached_property
    def actor(self) -> Actor:
        """Its person, by whose hand the goods went; the label names the phone too."""
        return Actor(
            label=f"{self.login} (phone {self.id})",
            role=None,
            site_ids=frozenset({self.site_id}),
            user_id=self.user_id,
            language=self.language,
            permissions=PERMISSIONS[Role.WAREHOUSE] & {Permission.HANDOUT_GIVE},
        )


def device_by(session: Session, public_id: str) -> FieldDevice | None:
    row = statements.DEVICE.row(session, public_id=public_id)
    if row is None:
        return None
    return FieldDevice(
        id=row[0], public_id=row[1], user_id=row[2], site_id=row[3], round_id=row[4], place_id=row[5],
        public_key=bytes(row[6]), enrolled_at=as_moment(row[7]),
        revoked_at=as_moment(row[8]) if row[8] is not None else None, login=row[9], language=row[10],
        time_zone=row[11],
    )  # fmt: skip
