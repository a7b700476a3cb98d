"""Which keys there are, for whom runs the installation. Public facts only; nothing here unseals one."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import Round, SigningKey, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A signing key. `round_code` is None for keys from before rounds had their own."""

    id: int
    round_code: str | None
    created_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    open_vouchers: int


def key_list(session: Session) -> list[KeyRow]:
    """Every key in the order they were made."""
    still_open: dict[int, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(Voucher.key_id, func.count())
            .where(Voucher.state == VoucherState.ISSUED)
            .group_by(Voucher.key_id)
        )
    }
    rows = session.execute(
        select(
            SigningKey.id, Round.code, SigningKey.created_at, SigningKey.withdrawn_at, SigningKey.withdrawn_reason
        )
        .outerjoin(Round, Round.id == SigningKey.round_id)
        .order_by(SigningKey.id)
    )  # fmt: skip
    return [KeyRow(*row, open_vouchers=still_open.get(row[0], 0)) for row in rows]


def round_id_of(session: Session, code: str) -> int:
    """The id of the round with that code. Raises NotFound."""
    found = session.execute(select(Round.id).where(Round.code == code)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
