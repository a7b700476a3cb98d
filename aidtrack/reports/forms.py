"""Choosing a donor and a period. The choice stands in the address, so that a statement can be bookmarked."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidtrack.reports.scope import WITHOUT_AGREEMENT, AskForStatement, Named, NamedItem
from aidtrack.web.filters import in_order
from aidtrack.web.forms import BaseForm, DayField
from aidtrack.web.i18n import language


class StatementForm(BaseForm):
    """Reads only, so it needs no protection against foreign senders."""

    class Meta(BaseForm.Meta):
        csrf = False

    donor = SelectField(_l("Donor"))
    start = DayField(_l("First day"))
    end = DayField(_l("Last day"))
    agreement = SelectField(_l("Agreement"), validate_choice=False)
    item = SelectField(_l("Item"), validate_choice=False)

    def offer_donors(self, donors: list[Named]) -> None:
        shown = [(donor.code, f"{donor.name(language())} ({donor.code})") for donor in donors]
        self.donor.choices = sorted(shown, key=lambda option: in_order(option[1]))

    def offer_goods(self, agreements: list[Named], items: list[NamedItem]) -> None:
        self.agreement.choices = [
            ("", gettext("all agreements")),
            *((agreement.code, agreement.code) for agreement in agreements),
            (WITHOUT_AGREEMENT, gettext("without an agreement")),
        ]
        self.item.choices = [
            ("", gettext("all items")),
            *sorted(
                ((item.code, item.name(language())) for item in items),
                key=lambda option: in_order(option[1]),
            ),
        ]

    def asked(self) -> AskForStatement:
        """Call only once the form has been found valid."""
        assert self.start.data is not None
        assert self.end.data is not None
        return AskForStatement(
            donor=self.donor.data,
            start=self.start.data,
            end=self.end.data,
            agreement=self.agreement.data or None,
            item=self.item.data or None,
        )
