"""Two registrations beside each other: which values go on, who is who, or that they are two families."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from aidtrack.beneficiaries import likeness, search_index
from aidtrack.beneficiaries.commands import ProposeMerge, SamePerson
from aidtrack.beneficiaries.forms import fields
from aidtrack.beneficiaries.forms.family import Versioned, as_version
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.queries.files import HouseholdFile, MemberRow
from aidtrack.beneficiaries.services.merging import OF_FAMILY, OF_PERSON
from aidtrack.kernel.late import dataclass
from aidtrack.web.filters import day
from aidtrack.web.forms import BaseForm

ENDING = "ending"


@dataclass(frozen=True, slots=True)
class Choice:
    """One field in which the two differ: the name of its radio buttons, both values, which is chosen."""

    field: str
    column: str
    staying: str
    ending: str
    takes_ending: bool


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """A person of the ending registration, whom they are thought to be, and where the two rows differ."""

    field: str
    person: MemberRow
    same_as: MemberRow | None
    choices: tuple[Choice, ...]


class MergeForm(Versioned):
    other_version = HiddenField()
    reason = StringField(
        _l("Why they are one family"), [DataRequired(), Length(max=500)], render_kw=fields.OFF
    )

    def to_command(
        self, staying: HouseholdFile, ending: HouseholdFile, family: list[Choice], people: list[PersonChoice]
    ) -> ProposeMerge:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return ProposeMerge(
            command_id=command_id,
            household_id=staying.key.id,
            version=self.version_number(),
            ending_id=ending.key.id,
            ending_version=as_version(self.other_version.data),
            reason=self.reason.data or "",
            taken=frozenset(one.column for one in family if one.takes_ending),
            people=tuple(
                SamePerson(
                    one.person.id,
                    one.same_as.id,
                    frozenset(choice.column for choice in one.choices if choice.takes_ending),
                )
                for one in people
                if one.same_as is not None
            ),
        )


class NotSameForm(BaseForm):
    why = StringField(
        _l("Why they are two families"), [DataRequired(), Length(max=300)], render_kw=fields.OFF
    )


class UndoMergeForm(BaseForm):
    why = StringField(_l("Why it was wrong"), [DataRequired(), Length(max=500)], render_kw=fields.OFF)


def family_choices(staying: HouseholdFile, ending: HouseholdFile, typed: Mapping[str, str]) -> list[Choice]:
    return _choices("f", staying, ending, OF_FAMILY, typed)


def person_choices(
    staying: HouseholdFile, ending: HouseholdFile, typed: Mapping[str, str]
) -> list[PersonChoice]:
    """Everybody of the ending registration; before anything was chosen, with whoever is like them."""
    free = {one.id: one for one in staying.members}
    found = []
    for person in ending.members:
        name = f"p-{person.id}"
        if name in typed:
            number = typed[name]
            same = (
                free.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
            )
        else:
            same = _likest(person, list(free.values()))
        if same is not None:
            del free[same.id]
        choices = () if same is None else tuple(_choices(f"pf-{person.id}", same, person, OF_PERSON, typed))
        found.append(PersonChoice(name, person, same, choices))
    return found


def _likest(person: MemberRow, others: list[MemberRow]) -> MemberRow | None:
    one = _profile(person)
    best = max(
        ((likeness.compare(one, _profile(other)).points, other.id, other) for other in others), default=None
    )
    return best[2] if best is not None and best[0] >= likeness.PERHAPS else None


def _profile(member: MemberRow) -> likeness.Profile:
    columns = {
        "surname": member.surname, "given_name": member.given_name, "patronymic": member.patronymic,
        "birth_date": member.birth_date, "sex": member.sex,
    }  # fmt: skip
    return search_index.profile_of(member.id, 0, columns)


def _choices(
    prefix: str, staying: Any, ending: Any, names: tuple[str, ...], typed: Mapping[str, str]
) -> list[Choice]:
    found = []
    for name in names:
        ours, theirs = getattr(staying, name), getattr(ending, name)
        if ours != theirs:
            field = f"{prefix}-{name}"
            takes = typed[field] == ENDING if field in typed else not ours
            found.append(Choice(field, name, shown(name, ours), shown(name, theirs), takes))
    return found


def shown(name: str, value: Any) -> str:
    if name in ("birth_date", "displaced_on", "arrived_on"):
        return day(value)
    if name == "phone":
        return shown_phone(value) or "—"
    if name == "sex":
        return str(fields.SEX_WORDS[value])
    return str(value or "—")
