"""Entries of the lists that acts are ticked from."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.beneficiaries.cases.commands import AddListEntry, EndListEntry, ListKind, ReplaceListEntry
from aidtrack.beneficiaries.forms.fields import filled
from aidtrack.web.forms import BaseForm, DayField


class ReplaceEntryForm(BaseForm):
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=200)])
    name_en = StringField(_l("Name in English"), [DataRequired(), Length(max=200)])
    valid_from = DayField(_l("Valid from"), [DataRequired()])
    source = StringField(
        _l("Source"), [Optional(), Length(max=120)], description=_l("The law or order it comes from.")
    )

    def to_command(self, entry_id: int) -> ReplaceListEntry:
        assert self.valid_from.data is not None
        return ReplaceListEntry(
            entry_id,
            self.name_uk.data or "",
            self.name_en.data or "",
            self.valid_from.data,
            filled(self.source.data),
        )


class EntryForm(ReplaceEntryForm):
    protected = BooleanField(
        _l("Protected: about health, violence or prison. Ticked and seen only under a personal grant.")
    )

    def to_new(self, kind: ListKind) -> AddListEntry:
        assert self.valid_from.data is not None
        return AddListEntry(
            self.command_id.data,
            kind,
            self.name_uk.data or "",
            self.name_en.data or "",
            self.valid_from.data,
            bool(self.protected.data),
            filled(self.source.data),
        )


class EndEntryForm(BaseForm):
    valid_until = DayField(
        _l("Last day"), [Optional()], description=_l("Empty takes the end back: it can be ticked again.")
    )

    def to_command(self, entry_id: int) -> EndListEntry:
        return EndListEntry(entry_id, self.valid_until.data)
