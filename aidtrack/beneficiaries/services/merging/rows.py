"""The rows of a merge: held, set, and values as its notes keep them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import (
    Category,
    Collector,
    EligibilityDecision,
    Household,
    HouseholdMerge,
    NameToken,
    NeedsAssessment,
    Person,
    ProtectedCategory,
)
from aidtrack.beneficiaries.search_index import tokens_of
from aidtrack.beneficiaries.services.registration import insert_tokens
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

# what may be taken over field by field; hashes go with what they are hashes of
OF_FAMILY = ("settlement", "katottg", "address", "phone", "displaced_on", "arrived_on")
OF_PERSON = ("surname", "given_name", "patronymic", "sex", "birth_date", "document")
HASHES = {"phone": "phone_hash", "document": "document_hash"}
COPIED: dict[str, Any] = {
    "category": Category, "protected": ProtectedCategory, "collector": Collector, "assessment": NeedsAssessment,
    "decision": EligibilityDecision,
}  # fmt: skip


def locked_merge(session: Session, merge_id: int, actor: Actor) -> HouseholdMerge:
    """The merge, held; NotFound outside the actor's sites."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    merge = session.scalar(
        select(HouseholdMerge)
        .join(Household, Household.id == HouseholdMerge.survivor_id)
        .where(HouseholdMerge.id == merge_id, Household.site_id.in_(sorted(actor.site_ids)))
        .with_for_update(of=HouseholdMerge)
        .execution_options(populate_existing=True)
    )
    if merge is None:
        raise NotFound()
    return merge


def is_own(merge: HouseholdMerge, actor: Actor) -> bool:
    """Whether the actor proposed it: by number, or by name where the user has none."""
    same_user = merge.proposed_by_id is not None and merge.proposed_by_id == actor.user_id
    return same_user or merge.proposed_by == actor.label


def index_anew(session: Session, person_id: int) -> None:
    """The blind search finds a person by the names as they are now."""
    person = fresh(session, person_id)
    session.execute(delete(NameToken).where(NameToken.person_id == person_id))
    columns = {name: getattr(person, name) for name in (*OF_PERSON, "document_hash", "tax_id_hash")}
    insert_tokens(session, [(token, person_id) for token in tokens_of(columns)])


def fresh(session: Session, person_id: int) -> Person:
    """The row as the database has it now."""
    return session.get_one(Person, person_id, populate_existing=True)


def kept(value: Any) -> Any:
    """A value as JSON keeps it; hashes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


def set_merge(session: Session, merge_id: int, **values: Any) -> None:
    session.execute(
        update(HouseholdMerge)
        .where(HouseholdMerge.id == merge_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def record(
    session: Session,
    household: Household,
    action: str,
    merge_id: int,
    other_id: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        session, actor=actor, action=f"beneficiaries.{action}", object_type="household", object_id=household.id,
        site_id=household.site_id, facts={"merge_id": merge_id, "with": other_id}, now=now,
    )  # fmt: skip
