"""What must hold of families' keys after every commit."""

from collections.abc import Iterator

from sqlalchemy import LargeBinary, exists, select, type_coerce
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import FamilyKey
from aidtrack.db.keyring import owner_of
from aidtrack.db.sealing import bound_tables
from aidtrack.kernel.invariants import Breach

CODE = "I15"


def sealed_by_their_own(session: Session) -> Iterator[Breach]:
    """Every value about a family is sealed under that family's key: destroyed, it takes all of them along."""
    for bound in bound_tables():
        owner = bound.table.c[bound.owner]
        columns = [type_coerce(bound.table.c[name], LargeBinary) for name in sorted(bound.purposes)]
        for row in session.execute(select(owner, *columns).execution_options(yield_per=5000)):
            for name, value in zip(sorted(bound.purposes), row[1:], strict=True):
                if value and owner_of(bytes(value)) != row[0]:
                    yield Breach(
                        CODE, f"{bound.table.name}.{name} of household {row[0]} is under another key"
                    )


def nothing_left_of_the_erased(session: Session) -> Iterator[Breach]:
    """No sealed value outlives its family's key."""
    gone = select(FamilyKey.household_id).where(FamilyKey.sealed.is_(None))
    if session.scalar(gone.limit(1)) is None:
        return
    for bound in bound_tables():
        owner = bound.table.c[bound.owner]
        columns = [type_coerce(bound.table.c[name], LargeBinary) for name in sorted(bound.purposes)]
        erased = exists().where(FamilyKey.household_id == owner, FamilyKey.sealed.is_(None))
        for row in session.execute(select(owner, *columns).where(erased)):
            if any(row[1:]):
                yield Breach(CODE, f"{bound.table.name} still holds a value of erased household {row[0]}")


CHECKS = (sealed_by_their_own, nothing_left_of_the_erased)
