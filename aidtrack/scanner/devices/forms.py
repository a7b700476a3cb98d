"""Forms of phones."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidtrack.scanner.devices.commands import InvitePhone, RevokePhone
from aidtrack.web.forms import BaseForm, choices

Pairs = Iterable[tuple[Any, str]]


class InviteForm(BaseForm):
    """Whose phone, for which round, at which place."""

    user_id = SelectField(_l("Who hands out"), coerce=int, validators=[InputRequired()])
    round_id = SelectField(_l("Round"), coerce=int, validators=[InputRequired()])
    place_id = SelectField(
        _l("Where they hand out"), coerce=int, validators=[InputRequired()],
        description=_l("The point or the van whose goods are on the phone."),
    )  # fmt: skip

    elsewhere = BooleanField(_l("Yes, at another place than the round's"))

    def asks_twice(self, round_place_id: int) -> bool:
        """Whether the place is not the round's and nobody has confirmed that: a slip gives the phone other goods."""
        if self.place_id.data == round_place_id or self.elsewhere.data:
            return False
        self.place_id.errors = [
            *self.place_id.errors,
            gettext("The round is handed out at another place. The phone will hold the goods of this one."),
        ]
        return True

    def offer(self, *, people: Pairs, rounds: Pairs, places: Pairs) -> None:
        self.user_id.choices = choices(people)
        self.round_id.choices = choices(rounds)
        self.place_id.choices = choices(places)

    def to_command(self) -> InvitePhone:
        return InvitePhone(self.user_id.data, self.round_id.data, self.place_id.data)


class RevokeForm(BaseForm):
    reason = StringField(
        _l("What happened"), filters=[lambda value: value.strip() if value else value],
        validators=[InputRequired(), Length(min=3, max=300)],
        description=_l("For example: lost on the way back, the person left."),
    )  # fmt: skip

    def to_command(self, device_id: int) -> RevokePhone:
        return RevokePhone(device_id, self.reason.data or "")


class EventFileForm(BaseForm):
    file = FileField(
        _l("File saved on the phone"), validators=[FileRequired()],
        description=_l("Its name ends in .aidfile. What is in it can be read here alone."),
    )  # fmt: skip


class OwnCodeForm(BaseForm):
    site_id = SelectField(_l("Site"), coerce=int, validators=[InputRequired()])

    def offer(self, sites: Pairs) -> None:
        self.site_id.choices = choices(sites)
