"""Pages of data protection: of one family, of the work that waits, and of the centre's own rules."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import HouseholdGround
from aidtrack.beneficiaries.privacy import budget, erasure
from aidtrack.beneficiaries.privacy.errors import AskedForReason
from aidtrack.beneficiaries.privacy.forms import PurposeForm
from aidtrack.beneficiaries.privacy.grounds import grounds_of
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web.problems import refusal, wants_json

bp = Blueprint("privacy", __name__)


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """On a family's page: its ground, what it may ask for, and what it is read for now."""
    near = budget.nearly_spent(session, actor, utc_now())
    if near is not None:
        seen, limit = near
        flash(
            ngettext(
                "You have opened %(num)s family in the last hour. After %(limit)s you will be asked for a reason.",
                "You have opened %(num)s families in the last hour. After %(limit)s you will be asked for a reason.",
                seen,
                limit=limit,
            ),
            "info",
        )
    grounds: list[HouseholdGround] = grounds_of(session, file.key.id)
    return Markup(  # noqa: S704  (a template's own output)
        render_template(
            "privacy/section.html",
            file=file,
            grounds=grounds,
            waits=erasure.request_of(session, file.key.id),
            changes=actor.can(Permission.HOUSEHOLD_WRITE),
            purpose=PurposeForm(formdata=None, data={"reading_for": actor.purpose}),
        )
    )


@bp.app_errorhandler(AskedForReason)
def _ask_for_reason(error: AskedForReason) -> ResponseReturnValue:
    """A person is asked on a page of its own and comes back; a program gets the refusal."""
    if wants_json():
        return refusal(error)
    target = request.full_path.rstrip("?") if request.method == "GET" else url_for("beneficiaries.search")
    return redirect(url_for("privacy.go_on", next=target), code=303)


from aidtrack.beneficiaries.privacy.views import centre, family, files, work  # noqa: E402

__all__ = ["bp", "centre", "family", "files", "section", "work"]
