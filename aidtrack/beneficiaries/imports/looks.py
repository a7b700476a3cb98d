"""A dry run shows registered families beside the file: a look like any other, counted and logged."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import Household
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.privacy.errors import AskedForReason, NoMoreNow
from aidtrack.importing.layouts import Context


def reads(session: Session, context: Context, known: Sequence[dict[str, Any]]) -> bool:
    """Registered families whose values stand beside the file's are looked at, as in any list."""
    actor, now = context.actor, context.now
    ids = sorted({int(one["household_id"]) for one in known})
    try:
        budget.spend(session, listing=ids, actor=actor, now=now)
    except (AskedForReason, NoMoreNow):
        return False
    at_sites: dict[int, list[int]] = {}
    of_these = select(Household.id, Household.site_id).where(Household.id.in_(ids)).order_by(Household.id)
    for household_id, site_id in session.execute(of_these):
        at_sites.setdefault(site_id, []).append(household_id)
    for site_id, shown in sorted(at_sites.items()):
        audit.record(
            session, actor=actor, action="read.household_list", object_type="household", site_id=site_id,
            facts={"by": "import", "households": shown}, now=now,
        )  # fmt: skip
    return True
