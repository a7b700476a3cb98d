"""The centre's own limits."""

from datetime import datetime

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import PrivacySettings
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.privacy.errors import PrivacyRefused
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import N_


class LimitsOutOfOrder(PrivacyRefused):
    code = "limits_out_of_order"
    text = N_("The most allowed is not less than the figure at which a reason is asked.")


def set_limits(session: Session, wanted: Limits, *, actor: Actor, now: datetime) -> None:
    actor.require(Permission.PRIVACY_MANAGE)
    if wanted.opened_hard < wanted.opened_soft:
        raise LimitsOutOfOrder(field="opened_hard")
    if wanted.listed_hard < wanted.listed_soft:
        raise LimitsOutOfOrder(field="listed_hard")
    row = session.get(PrivacySettings, 1)
    if row is None:
        row = PrivacySettings(id=1)
        session.add(row)
    row.opened_soft, row.opened_hard = wanted.opened_soft, wanted.opened_hard
    row.listed_soft, row.listed_hard = wanted.listed_soft, wanted.listed_hard
    row.export_hours, row.changed_at, row.changed_by = wanted.export_hours, now, actor.label
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.set_limits", object_type="privacy_settings", object_id=1,
        facts={
            "opened": [wanted.opened_soft, wanted.opened_hard], "listed": [wanted.listed_soft, wanted.listed_hard],
            "export_hours": wanted.export_hours,
        },
        now=now,
    )  # fmt: skip
