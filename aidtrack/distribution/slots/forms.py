"""Forms of bookable times: a day's times, a family's time, what to do after an alert."""

from collections.abc import Iterable
from datetime import date, time

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from aidtrack.distribution.slots.commands import MakeTimes, ShiftLost
from aidtrack.distribution.slots.errors import LettersWrong
from aidtrack.distribution.slots.times import LONGEST, SHORTEST, minutes_of
from aidtrack.distribution.slots.windows import EVERYBODY, Window, letters_between
from aidtrack.web.forms import BaseForm, DayField, choices

LETTERS = "letters"
CATEGORY = "category"


class TimesForm(BaseForm):
    """From, to, minutes each, how many families each, a break, and for whom."""

    day = DayField(_l("Day"), validators=[InputRequired()])
    starts = TimeField(_l("From"), [InputRequired()], default=time(9))
    ends = TimeField(_l("Until"), [InputRequired()], default=time(16))
    each = IntegerField(
        _l("Minutes for each time"), [InputRequired(), NumberRange(SHORTEST, LONGEST)], default=30
    )
    capacity = IntegerField(_l("Families at one time"), [InputRequired(), NumberRange(1, 1000)], default=10)
    pause_from = TimeField(_l("Break from"), [Optional()], default=time(13))
    pause_to = TimeField(_l("Break until"), [Optional()], default=time(14))
    whom = RadioField(
        _l("For whom"),
        choices=choices(
            [
                ("all", _l("for everybody")),
                (LETTERS, _l("by the first letter of the surname")),
                (CATEGORY, _l("for one category of families")),
            ]
        ),
        default="all",
    )
    letters_from = StringField(_l("Surnames from the letter"), [Optional(), Length(max=1)])
    letters_to = StringField(_l("to the letter"), [Optional(), Length(max=1)])
    category = SelectField(_l("Category"), validators=[Optional()])

    def offer(self, categories: Iterable[tuple[str, str]]) -> None:
        self.category.choices = choices(categories, empty=_l("Choose…"))

    def to_command(self, round_id: int) -> MakeTimes:
        """Raises `LettersWrong` where two letters are asked for and are not two letters in order."""
        assert isinstance(self.day.data, date)
        assert self.starts.data is not None
        assert self.ends.data is not None
        pause = None
        if self.pause_from.data is not None and self.pause_to.data is not None:
            pause = (minutes_of(self.pause_from.data), minutes_of(self.pause_to.data))
        return MakeTimes(
            str(self.command_id.data), round_id, self.day.data, minutes_of(self.starts.data),
            minutes_of(self.ends.data), self.each.data or 0, self.capacity.data or 0, pause, self._window(),
        )  # fmt: skip

    def _window(self) -> Window:
        if self.whom.data == LETTERS:
            try:
                return Window(letters_between(self.letters_from.data or "", self.letters_to.data or ""))
            except ValueError:
                raise LettersWrong from None
        if self.whom.data == CATEGORY and self.category.data:
            return Window(category=self.category.data)
        return EVERYBODY


class CapacityForm(BaseForm):
    capacity = IntegerField(_l("Families at one time"), [InputRequired(), NumberRange(1, 1000)])


class BookForm(BaseForm):
    """One of the free times that fit the family."""

    slot_id = SelectField(_l("Free times"), coerce=int)


class ShiftForm(BaseForm):
    """Where those go whose time was lost."""

    other_day = DayField(_l("The rest come on"), validators=[Optional()])
    same_times = BooleanField(_l("Make today’s times on that day too, if it has none"), default=True)
    any_time = BooleanField(_l("Letters and categories of the times do not matter now"))

    def to_command(self, place_id: int) -> ShiftLost:
        return ShiftLost(
            place_id, self.other_day.data, keep_windows=not self.any_time.data,
            same_times=bool(self.same_times.data),
        )  # fmt: skip
