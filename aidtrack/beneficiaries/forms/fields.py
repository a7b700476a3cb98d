"""Fields that several of this room's forms share."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.beneficiaries.happenings import LeftWhy
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.places.forms import SUGGEST_PATH
from aidtrack.web.forms import DayField, choices
from aidtrack.web.i18n import language

LEFT_WORDS = {
    LeftWhy.MOVED: _l("moved away"),
    LeftWhy.DIED: _l("died"),
    LeftWhy.OTHER: _l("another reason"),
}
SEX_WORDS = {Sex.FEMALE: _l("female"), Sex.MALE: _l("male")}
OFF = {"autocomplete": "off"}  # a shared desk's browser must not remember other people's data


def filled(text: str | None) -> str | None:
    """Typed text without outer spaces; nothing typed is None."""
    return (text or "").strip() or None


def whole_number(text: Any) -> int | None:
    """A chosen id; nothing chosen, and what is no number, is None."""
    written = str(text or "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def kind_choices(
    kinds: Iterable[CategoryKindRow], *, of_household: bool | None = None, group: str | None = None
) -> list[SelectChoice]:
    """Kinds by name, those of households or of persons if only they are wanted."""
    wanted = [kind for kind in kinds if of_household is None or kind.of_household == of_household]
    return choices([(kind.code, kind.name(language())) for kind in wanted], group=group)


def to_categories(
    codes: Iterable[str] | None, valid_from: Any, evidence: str | None
) -> tuple[NewCategory, ...]:
    """Chosen categories from a day on; with a paper named they count as proven."""
    paper = filled(evidence)
    return tuple(
        NewCategory(code, valid_from, evidence=paper, proven=paper is not None) for code in codes or ()
    )


def member_choices(file: HouseholdFile, *, besides: int | None = None) -> list[SelectChoice]:
    """Those who belong to the family now, as choices beside an empty one."""
    return choices([("", "—"), *((str(one.id), one.full_name) for one in file.present if one.id != besides)])


def surname() -> StringField:
    return StringField(_l("Surname"), [DataRequired(), Length(max=80)], render_kw=OFF)


def given_name() -> StringField:
    return StringField(_l("Given name"), [DataRequired(), Length(max=80)], render_kw=OFF)


def patronymic() -> StringField:
    return StringField(_l("Patronymic"), [Optional(), Length(max=80)], render_kw=OFF)


def sex() -> RadioField:
    return RadioField(
        _l("Sex"), [DataRequired()], choices=choices((one.value, word) for one, word in SEX_WORDS.items())
    )


def birth_date() -> DayField:
    return DayField(_l("Birth date"), [Optional()])


def document() -> StringField:
    return StringField(
        _l("Document"),
        [Optional(), Length(max=80)],
        description=_l(
            "Passport, birth certificate, IDP certificate: kind and number. Nobody is refused without."
        ),
        render_kw=OFF,
    )


def tax_id() -> StringField:
    return StringField(
        _l("Taxpayer number (РНОКПП)"),
        [Optional(), Length(max=20)],
        description=_l(
            "Ten digits; kept only as a hash that cannot be read back. Leave empty if there is none."
        ),
        render_kw={**OFF, "inputmode": "numeric"},
    )


def tax_id_confirmed() -> BooleanField:
    return BooleanField(_l("The paper shows exactly this number"))


def young_head() -> BooleanField:
    """Shown once it was asked about."""
    return BooleanField(_l("Yes, somebody under 18 is the head of the family"))


def evidence() -> StringField:
    return StringField(
        _l("Evidence"),
        [Optional(), Length(max=200)],
        description=_l(
            "The paper that proves it and its number. Without one the category is shown as unproven."
        ),
        render_kw=OFF,
    )


def settlement() -> StringField:
    return StringField(
        _l("Settlement"),
        [DataRequired(), Length(max=120)],
        render_kw={**OFF, "data-settlements": SUGGEST_PATH, "data-code": "katottg"},
    )


def katottg() -> StringField:
    return StringField(_l("KATOTTG code"), [Optional(), Length(max=30)], render_kw=OFF)


def address() -> StringField:
    return StringField(_l("Address"), [Optional(), Length(max=200)], render_kw=OFF)


def phone() -> StringField:
    return StringField(_l("Phone"), [Optional(), Length(max=40)], render_kw={**OFF, "inputmode": "tel"})


def proxy_name() -> StringField:
    return StringField(
        _l("Alternate collector"),
        [Optional(), Length(max=160)],
        description=_l("Who may collect for the family: name as on the document they will show."),
        render_kw=OFF,
    )


def displaced_on() -> DayField:
    return DayField(_l("Displaced on"), [Optional()])


def arrived_on() -> DayField:
    return DayField(
        _l("Arrived in the hromada on"), [Optional()],
        description=_l("The day they came to live in this hromada, if not from here. Some programmes ask for it."),
    )  # fmt: skip


def go_on_reason() -> StringField:
    return StringField(_l("Why this is another family"), [Optional(), Length(max=300)], render_kw=OFF)
