"""From codes that programs send to rows: a code that is not known is a refusal that names its field."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.inventory.errors import UnknownCode
from aidtrack.inventory.models import Agreement


def id_by_code(session: Session, kind: Any, code: str | None, *, field: str) -> int | None:
    """The row's id; no code, no id. Raises: UnknownCode."""
    if code is None:
        return None
    found: int | None = session.scalar(select(kind.id).where(kind.code == code.strip().upper()))
    if found is None:
        raise UnknownCode(field=field, unknown=code[:40])
    return found


def needed_id(session: Session, kind: Any, code: str, *, field: str) -> int:
    found = id_by_code(session, kind, code, field=field)
    assert found is not None  # a code was given
    return found


def agreement_id(session: Session, number: str, *, donor_ids: Collection[int]) -> int:
    """The agreement of that number with one of these donors. Raises: UnknownCode."""
    query = select(Agreement.id).where(Agreement.number == number.strip(), Agreement.donor_id.in_(donor_ids))
    found = session.scalar(query.order_by(Agreement.id))
    if found is None:
        raise UnknownCode(field="agreement", unknown=number[:40])
    return found
