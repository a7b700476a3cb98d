"""Forms of the accounts room."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from aidtrack.accounts.commands import AddPerson, AddToken, ChangePassword, ChangePerson
from aidtrack.accounts.passwords import LONGEST
from aidtrack.kernel.actor import Role
from aidtrack.web.forms import BaseForm
from aidtrack.web.layout import role_word

Choices = list[tuple[int, str]]

# in the order of how many there are of each
ROLES = (Role.CASEWORKER, Role.WAREHOUSE, Role.DONOR_LIAISON, Role.REVIEWER, Role.ADMINISTRATOR)


class SelectMultipleCheckField(SelectMultipleField):
    """Some of several, as check boxes: a list to hold Ctrl on is lost on most people."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(BaseForm):
    login = StringField(
        _l("Login"),
        [DataRequired(), Length(max=80)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"), [DataRequired(), Length(max=LONGEST)], render_kw={"autocomplete": "current-password"}
    )


class PasswordForm(BaseForm):
    old_password = PasswordField(
        _l("Present password"),
        [DataRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("New password"), [DataRequired(), Length(max=LONGEST)], render_kw={"autocomplete": "new-password"}
    )

    def to_command(self) -> ChangePassword:
        return ChangePassword(self.old_password.data or "", self.new_password.data or "")


class _ReachForm(BaseForm):
    """Role, sites and donors: what a person or a program may do, and where."""

    role = RadioField(_l("Role"))
    site_ids = SelectMultipleCheckField(_l("Sites"), coerce=int)
    donor_ids = SelectMultipleCheckField(_l("Donors (for a donor liaison)"), coerce=int)

    def offer(self, sites: Choices, donors: Choices) -> None:
        self.role.choices = [(role.value, role_word(role)) for role in ROLES]
        self.site_ids.choices = sites
        self.donor_ids.choices = donors

    def reach(self) -> dict[str, Any]:
        role = Role(self.role.data)
        donors = frozenset(self.donor_ids.data or ()) if role is Role.DONOR_LIAISON else frozenset()
        return {"role": role, "site_ids": frozenset(self.site_ids.data or ()), "donor_ids": donors}


class NewPersonForm(_ReachForm):
    login = StringField(
        _l("Login"),
        [DataRequired(), Length(max=40)],
        description=_l("Latin letters, digits, dot, hyphen; for example “o.koval”."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    display_name = StringField(
        _l("Name of the colleague"), [DataRequired(), Length(max=120)], render_kw={"autocomplete": "off"}
    )

    def to_command(self) -> AddPerson:
        return AddPerson(
            login=self.login.data or "",
            display_name=self.display_name.data or "",
            command_id=str(self.command_id.data),
            **self.reach(),
        )


class PersonForm(_ReachForm):
    display_name = StringField(
        _l("Name of the colleague"), [DataRequired(), Length(max=120)], render_kw={"autocomplete": "off"}
    )

    def to_command(self, user_id: int) -> ChangePerson:
        return ChangePerson(user_id=user_id, display_name=self.display_name.data or "", **self.reach())


class TokenForm(_ReachForm):
    label = StringField(
        _l("What the token is for"),
        [DataRequired(), Length(max=80)],
        description=_l(
            "For example “stock table of the region”. Every act of the program is signed with it."
        ),
        render_kw={"autocomplete": "off"},
    )

    def to_command(self) -> AddToken:
        return AddToken(label=self.label.data or "", command_id=str(self.command_id.data), **self.reach())
