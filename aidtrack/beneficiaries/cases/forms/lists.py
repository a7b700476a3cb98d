"""Entries of the lists that acts are ticked from."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from aidtrack.web.dated import WordsForm


class EntryForm(WordsForm):
    protected = BooleanField(
        _l("Protected: about health, violence or prison. Ticked and seen only under a personal grant.")
    )
