"""The upload, and the button under a result. Columns and words have as many fields as the file asks for."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import DataRequired

from aidtrack.importing.commands import MapColumns, Upload
from aidtrack.importing.layouts import Layout
from aidtrack.importing.reading import Choice
from aidtrack.importing.records import CONTINUE, MEND
from aidtrack.web.forms import BaseForm, choices

POINT = "point"


class UploadForm(BaseForm):
    layout = SelectField(_l("What the table holds"), [DataRequired()])
    site_id = SelectField(_l("Site"), [DataRequired()])
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "XLSX or CSV, at most 10 MB and 100 000 rows. Nothing is brought in before you have seen it."
        ),
        render_kw={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt"},
    )

    def offer(self, layouts: Iterable[tuple[str, str]], sites: Iterable[tuple[int, str]]) -> None:
        self.layout.choices = choices(layouts)
        self.site_id.choices = choices(sites)

    def to_command(self) -> Upload:
        command_id = self.command_id.data
        assert isinstance(command_id, UUID)
        sent: Any = self.file.data
        return Upload(command_id, int(self.site_id.data), self.layout.data, sent.filename or "", sent.read())


def to_mapping(uid: str, kind: Layout, sent: Mapping[str, str], width: int) -> MapColumns:
    """What was chosen on the page of columns: `column-3=surname#2`, `constant-place=…`, `option-…=1`."""
    options = {name: bool(sent.get(f"option-{name}")) for name in (CONTINUE, MEND, POINT)}
    options |= {one.name: bool(sent.get(f"option-{one.name}")) for one in kind.options}
    return MapColumns(
        uid,
        {column: sent[f"column-{column}"] for column in range(width) if sent.get(f"column-{column}")},
        options,
        {one.name: sent.get(f"constant-{one.name}", "") for one in kind.fields},
        to_choice(sent),
        whole(sent.get("header_row")),
        heading_rows(sent.get("header_rows")),
        {column: (sent.get(f"thing-{column}", ""), sent.get(f"unit-{column}", "")) for column in range(width)}
        if kind.counted is not None
        else {},
    )


def to_choice(sent: Mapping[str, str]) -> Choice:
    return Choice(sent.get("encoding") or None, sent.get("delimiter") or None, sent.get("sheet") or None)


def heading_rows(text: str | None) -> int | None:
    """How many rows of headings were chosen; a table may have none."""
    return 0 if text == "0" else whole(text)


def whole(text: str | None) -> int | None:
    """A number of a row as typed; anything else is as good as nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and int(text[:7]) > 0 else None
