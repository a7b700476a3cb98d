"""Pages of the stock rooms."""

from typing import Any

from flask import Blueprint

bp = Blueprint("inventory", __name__)


@bp.app_template_filter("chosen")
def chosen(field: Any) -> str:
    """The words of a select field's choice; a dash where nothing is chosen."""
    for choice in field.choices or ():
        if str(choice.value) == str(field.data or ""):
            return str(choice.label) if choice.value != "" else "—"
    return "—"


from aidtrack.inventory.views import catalogue, debts, moving, receiving, stock  # noqa: E402, F401  (they hang their routes on `bp`)
