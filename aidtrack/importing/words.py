"""How states, outcomes and lists are called on pages."""

from flask_babel import lazy_gettext as _l

from aidtrack.importing.models import ImportState

STATES = {
    ImportState.UPLOADED: _l("uploaded"),
    ImportState.CHECKING: _l("being tried out"),
    ImportState.CHECKED: _l("tried out"),
    ImportState.APPLYING: _l("being brought in"),
    ImportState.APPLIED: _l("brought in"),
    ImportState.FORGOTTEN: _l("removed"),
}
OUTCOMES = {
    "new": _l("New"),
    "same": _l("There already, the same"),
    "changed": _l("There already, with differences"),
    "double": _l("May be there already"),
    "bad": _l("Cannot be brought in"),
}
LISTS = {
    "settlement": _l("Settlement"),
    "category": _l("Category"),
    "household_category": _l("Category of the whole family"),
    "item": _l("Item"),
    "donor": _l("Donor"),
    "place": _l("Place"),
    "programme": _l("Programme"),
    "condition": _l("Condition"),
}
DELIMITERS = {
    ";": _l("semicolon ;"),
    ",": _l("comma ,"),
    "\t": _l("tab"),
    "|": _l("bar |"),
}
