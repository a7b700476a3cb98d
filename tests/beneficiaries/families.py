"""Made-up families for tests. No name here belongs to anybody."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import NewCategory, NewMember, RegisterHousehold
from aidtrack.beneficiaries.household import Sex
from aidtrack.kernel.actor import Actor, Permission

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
GOOD_TAX_ID = "1759013776"  # from python-stdnum's own examples
BAD_TAX_ID = "1759013770"


def member(surname: str = "Вигаданенко", given_name: str = "Олена", **more: Any) -> NewMember:
    return NewMember(surname, given_name, more.pop("sex", Sex.FEMALE), **more)


def idp(**more: Any) -> NewCategory:
    return NewCategory("idp", more.pop("valid_from", date(2022, 3, 1)), **more)


def a_family(
    site_id: int, *others: NewMember, head: NewMember | None = None, **more: Any
) -> RegisterHousehold:
    """A registration with a head and further members."""
    first = replace(head or member(birth_date=date(1985, 5, 17)), is_head=True)
    return RegisterHousehold(
        command_id=more.pop("command_id", None) or uuid4(),
        site_id=site_id,
        settlement=more.pop("settlement", "Дніпро"),
        members=(first, *others),
        **more,
    )


def registered(session: Session, actor: Actor, *others: NewMember, **more: Any) -> int:
    """The id of a new family at the actor's one site."""
    [site_id] = actor.site_ids
    return services.register_household(session, a_family(site_id, *others, **more), actor=actor, now=NOW)


def with_grant(actor: Actor) -> Actor:
    """The actor under a live protection grant."""
    return replace(actor, permissions=actor.permissions | {Permission.CATEGORY_PROTECTED})
