"""The form of a starosta district."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from aidtrack.places.commands import SaveDistrict
from aidtrack.web.forms import BaseForm

SUGGEST_PATH = "/settlements/suggest"


class DistrictForm(BaseForm):
    code = StringField(_l("Code"), [DataRequired(), Length(max=24)], render_kw={"autocomplete": "off"})
    name_uk = StringField(_l("Name in Ukrainian"), [DataRequired(), Length(max=160)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=160)])
    settlements = TextAreaField(
        _l("Settlements"),
        [Optional(), Length(max=20_000)],
        description=_l(
            "One on each line: its name, and its hromada after a comma where several have that name, "
            "or its KATOTTG code."
        ),
        render_kw={"rows": 8, "data-settlement-lines": SUGGEST_PATH},
    )

    def lines(self) -> list[str]:
        return [line.strip() for line in (self.settlements.data or "").splitlines() if line.strip()]

    def to_command(self, codes: tuple[str, ...], district_id: int | None) -> SaveDistrict:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        return SaveDistrict(
            command_id=command_id,
            code=self.code.data or "",
            name_uk=self.name_uk.data or "",
            name_en=self.name_en.data or "",
            settlements=codes,
            district_id=district_id,
        )
