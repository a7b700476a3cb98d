"""What do we hold about this family, and who read it: one answer, on a page and on paper, logged itself."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.models import AuditEvent
from aidtrack.audit.words import WORDS
from aidtrack.beneficiaries import holdings, queries
from aidtrack.beneficiaries.holdings import Held
from aidtrack.beneficiaries.privacy import budget, own
from aidtrack.beneficiaries.privacy.words import purpose_words
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass

MOST_READS = 500


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class ReadRow:
    at: datetime
    who: str
    what: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything, in the family's language."""

    household_id: int
    registration_no: str
    site_id: int
    language: str
    made_at: datetime
    made_by: str
    parts: tuple[Part, ...]
    reads: tuple[ReadRow, ...]
    more_reads: bool
    drawer_open: bool  # whether protected categories, if there are any, are in it


def what_is_held(
    session: Session, household_id: int, *, language: str, actor: Actor, now: datetime
) -> Answer:
    """All rooms' answers. Protected categories are in it only under a live grant, and logged apart."""
    actor.require(Permission.HOUSEHOLD_READ)
    key = queries.find_household(session, household_id, actor)
    budget.spend(session, opening=[household_id], actor=actor, now=now)
    granted = actor.can(Permission.CATEGORY_PROTECTED)
    for action in ("read.holdings", "read.protected") if granted else ("read.holdings",):
        audit.record(
            session, actor=actor, action=action, object_type="household", object_id=household_id,
            site_id=key.site_id, facts={"for": "family_asked", "purpose": "holdings"}, now=now,
        )  # fmt: skip
    parts: list[Part] = []
    with force_locale(language):
        for one in holdings.holdings():
            held = (
                one.read_as(session, household_id, language, actor)
                if one.read_as is not None
                else one.read(session, household_id, language)
            )
            if held:
                parts.append(
                    Part(_(one.label) if isinstance(one.label, str) else str(one.label), tuple(held))
                )
        if granted and (drawer := own.protected(session, household_id, language)):
            parts.append(Part(_("Protected categories"), tuple(drawer)))
    found = reads(session, household_id, language=language, most=MOST_READS + 1)
    return Answer(
        household_id, key.registration_no, key.site_id, language, now, actor.label, tuple(parts),
        tuple(found[:MOST_READS]), len(found) > MOST_READS, granted,
    )  # fmt: skip


def reads(session: Session, household_id: int, *, language: str, most: int) -> list[ReadRow]:
    """Who read what of this family, when and for what, newest first."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.actor_label, AuditEvent.action, AuditEvent.facts)
        .where(or_(_about(household_id), _listed(session, household_id)))
        .order_by(AuditEvent.id.desc())
        .limit(most)
    ).all()
    with force_locale(language):
        return [
            ReadRow(at, who, _(WORDS.get(action, N_("Read"))), purpose_words((facts or {}).get("for")))
            for at, who, action, facts in rows
        ]


def _about(household_id: int) -> ColumnElement[bool]:
    return and_(
        AuditEvent.object_type == "household",
        AuditEvent.object_id == household_id,
        AuditEvent.action.like("read.%"),
    )


def _listed(session: Session, household_id: int) -> ColumnElement[bool]:
    """Rows of lists that showed the family: its number stands among those of the list."""
    lists = AuditEvent.action.in_(budget.LISTING)
    shown = AuditEvent.facts["households"]
    if session.get_bind().dialect.name == "postgresql":
        return and_(lists, shown.op("@>")(func.to_jsonb(literal(household_id))))
    each = func.json_each(AuditEvent.facts, "$.households").table_valued("value")
    return and_(lists, select(each.c.value).where(each.c.value == household_id).exists())


def family_language(session: Session, household_id: int, fallback: str) -> str:
    """The language in which the family was last told about its data."""
    from aidtrack.beneficiaries.privacy.grounds import grounds_of

    told = grounds_of(session, household_id)
    return told[0].language if told else fallback
