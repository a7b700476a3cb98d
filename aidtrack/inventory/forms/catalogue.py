"""Forms of the catalogue: donors, agreements, programmes, items, packs, places."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from aidtrack.inventory.commands import (
    SaveAgreement,
    SaveDonor,
    SaveItem,
    SavePack,
    SavePlace,
    SaveProgramme,
)
from aidtrack.inventory.forms.shared import filled, named
from aidtrack.inventory.kinds import REAL_PLACES, PlaceKind
from aidtrack.inventory.queries.catalogue import AgreementRow, DonorRow, ItemRow, SiteRow
from aidtrack.kernel.quantity import BaseUnit, base_word
from aidtrack.web.filters import name
from aidtrack.web.forms import BaseForm, DayField, QuantityField, choices
from aidtrack.web.i18n import language


class SelectMultipleCheckField(SelectMultipleField):
    """Some of several, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _text(field: StringField) -> str:
    return (field.data or "").strip()


class _NamedForm(BaseForm):
    code = StringField(
        _l("Code"), [DataRequired(), Length(max=23)], description=_l("Latin letters and digits, for example WFP."),
        render_kw={"autocapitalize": "characters", "spellcheck": "false"},
    )  # fmt: skip
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=200)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=200)])

    def names(self) -> dict[str, str]:
        return {"code": _text(self.code), "name_uk": _text(self.name_uk), "name_en": _text(self.name_en)}


class DonorForm(_NamedForm):
    edrpou = StringField(
        _l("EDRPOU code"),
        [Optional(), Length(max=8)],
        description=_l("Eight digits; Ukrainian organisations have one."),
    )
    active = BooleanField(_l("In use"), default=True)

    def to_command(self) -> SaveDonor:
        return SaveDonor(**self.names(), edrpou=filled(self.edrpou.data), active=bool(self.active.data))


class AgreementForm(BaseForm):
    donor_id = SelectField(_l("Donor"), [DataRequired()])
    number = StringField(_l("Number of the agreement"), [DataRequired(), Length(max=60)])
    title_uk = StringField(_l("Title in Ukrainian"), [DataRequired(), Length(max=200)])
    title_en = StringField(_l("Title in English"), [DataRequired(), Length(max=200)])
    signed_on = DayField(_l("Signed on"), [DataRequired()])
    valid_until = DayField(_l("Valid until"), [Optional()])
    needs_signature = BooleanField(
        _l("Asks for a signature of whoever collects"),
        description=_l("They sign on the screen of the phone."),
    )

    def offer(self, donors: Sequence[DonorRow]) -> None:
        self.donor_id.choices = named(donors, empty=gettext("— choose —"))

    def to_command(self) -> SaveAgreement:
        assert self.signed_on.data is not None
        return SaveAgreement(
            donor_id=int(self.donor_id.data),
            number=_text(self.number),
            signed_on=self.signed_on.data,
            title_uk=_text(self.title_uk),
            title_en=_text(self.title_en),
            valid_until=self.valid_until.data,
            needs_signature=bool(self.needs_signature.data),
        )


class ProgrammeForm(_NamedForm):
    agreement_ids = SelectMultipleCheckField(_l("Agreements whose goods it hands out"), coerce=int)
    active = BooleanField(_l("In use"), default=True)

    def offer(self, agreements: Sequence[AgreementRow]) -> None:
        self.agreement_ids.choices = choices(
            [(row.id, f"{row.donor_code} · {row.number} · {name(row)}") for row in agreements]
        )

    def to_command(self) -> SaveProgramme:
        ids = tuple(sorted(self.agreement_ids.data or ()))
        return SaveProgramme(**self.names(), agreement_ids=ids, active=bool(self.active.data))


class ItemForm(_NamedForm):
    base_unit = SelectField(
        _l("Counted in"), [DataRequired()], description=_l("Chosen once: it never changes afterwards.")
    )
    density_g_per_l = IntegerField(
        _l("Grams in a litre"), [Optional(), NumberRange(1, 30_000)],
        description=_l("For liquids kept by weight, so that litres can be typed: oil has 920."),
    )  # fmt: skip
    kcal_per_100g = IntegerField(_l("Kilocalories in 100 g"), [Optional(), NumberRange(0, 900)])
    active = BooleanField(_l("In use"), default=True)

    def offer(self) -> None:
        self.base_unit.choices = choices([(unit.value, base_word(unit, language())) for unit in BaseUnit])

    def to_command(self) -> SaveItem:
        return SaveItem(
            **self.names(), base_unit=BaseUnit(self.base_unit.data), density_g_per_l=self.density_g_per_l.data,
            kcal_per_100g=self.kcal_per_100g.data, active=bool(self.active.data),
        )  # fmt: skip


class PackForm(_NamedForm):
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=80)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=80)])
    holds = QuantityField(
        _l("One pack holds"), [DataRequired(), Length(max=64)], render_kw={"autocomplete": "off"}
    )

    def to_command(self, item: ItemRow) -> SavePack | None:
        """The command, or None after putting a refusal on the quantity."""
        reading = self.holds.read(item.base_unit, density_g_per_l=item.density_g_per_l)
        if reading is None:
            return None
        return SavePack(item_id=item.id, units=reading.units, **self.names())


class PlaceForm(_NamedForm):
    kind = SelectField(_l("Kind of place"), [DataRequired()])
    site_id = SelectField(_l("Site"), [DataRequired()])
    address_uk = StringField(_l("Address"), [Optional(), Length(max=300)])
    katottg = StringField(
        _l("KATOTTG code"), [Optional(), Length(min=19, max=19)], description=_l("UA and 17 digits.")
    )
    active = BooleanField(_l("In use"), default=True)

    def offer(self, sites: Sequence[SiteRow]) -> None:
        kinds = [kind for kind in PlaceKind if kind in REAL_PLACES]
        self.kind.choices = choices([(kind.value, gettext(kind.label)) for kind in kinds])
        self.site_id.choices = named(sites)

    def to_command(self) -> SavePlace:
        return SavePlace(
            **self.names(), kind=PlaceKind(self.kind.data), site_id=int(self.site_id.data),
            address_uk=filled(self.address_uk.data), katottg=filled(self.katottg.data),
            active=bool(self.active.data),
        )  # fmt: skip
