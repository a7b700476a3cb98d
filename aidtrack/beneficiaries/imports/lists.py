"""The lists whose words a register uses: categories of persons and of families, settlements."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.importing.layouts import Context, Words
from aidtrack.kernel.actor import Permission
from aidtrack.places import queries as places


def words(session: Session, context: Context) -> Mapping[str, Words]:
    kinds = queries.category_kinds(session, protected=context.actor.can(Permission.CATEGORY_PROTECTED))

    def of(*, household: bool) -> Words:
        chosen = [kind for kind in kinds if kind.of_household == household]
        spellings: dict[str, str] = {}
        for kind in chosen:
            for name in (kind.code, kind.name_uk, kind.name_en):
                spellings[name] = spellings[name.casefold()] = kind.code
        if not household and any(kind.code == "idp" for kind in chosen):
            spellings |= {"ВПО": "idp", "впо": "idp", "IDP": "idp", "idp": "idp"}
        names = tuple((kind.code, kind.name(context.actor.language)) for kind in chosen)
        return Words(names, spellings)

    found = {"category": of(household=False), "household_category": of(household=True)}
    if places.is_loaded(session):
        found["settlement"] = Words((), places.unique_names(session), suggest=_suggest_settlement)
    return found


def _suggest_settlement(session: Session, written: str) -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in places.like(session, written)]
