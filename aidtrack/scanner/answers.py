"""The counter's JSON answers: everything the page shows, already in the person's language."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.distribution.errors import AlreadyCollected
from aidtrack.distribution.handouts.receipts import Receipt
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.kernel.errors import DomainError
from aidtrack.scanner.lookups import Scanned, ScannedLine
from aidtrack.web.filters import day, moment, qty
from aidtrack.web.i18n import language
from aidtrack.web.problems import translate


def scanned(answer: Scanned) -> dict[str, Any]:
    """One scan as the page shows it: `tone`, `title`, `text` and, when the code is good, the card."""
    body: dict[str, Any] = {
        "tone": answer.tone.value,
        "code": answer.refusal.code if answer.refusal else "ready",
        "title": title(answer.refusal),
        "text": sentence(answer.refusal) if answer.refusal else "",
    }
    if answer.voucher is not None:
        body["serial"] = answer.voucher.serial
        body["round"] = answer.voucher.round_code
    if answer.head is not None:
        body["card"] = {
            "name": answer.head.short_name,
            "size": ngettext("%(num)s person", "%(num)s persons", answer.head.persons),
            "proxy": answer.head.proxy_name,
        }
        body["lines"] = [_line(line) for line in answer.lines]
    return body


def _line(line: ScannedLine) -> dict[str, Any]:
    name = line.due.name_uk if language() == "uk" else line.due.name_en
    return {
        "item_id": line.due.item_id,
        "name": name,
        "due": line.due.units,
        "unit": line.due.base_unit,
        "shown": qty(line.due.units, line.due.base_unit),
        "available": line.due.units - line.short,
        "short": qty(line.short, line.due.base_unit) if line.short else None,
        "lots": [
            _("%(lot)s, %(donor)s, good until %(day)s", lot=row.lot_code, donor=row.donor_code,
              day=day(row.lot.expires_on))
            if row.lot.expires_on
            else _("%(lot)s, %(donor)s", lot=row.lot_code, donor=row.donor_code)
            for row in line.lots
        ],
    }  # fmt: skip


def title(refusal: DomainError | None) -> str:
    """Two or three words that can be read from two metres."""
    if refusal is None:
        return _("Hand out")
    words = {
        "already_collected": _("Already collected"),
        "void_voucher": _("Withdrawn voucher"),
        "expired_voucher": _("Voucher has expired"),
        "not_yet_valid": _("Too early"),
        "wrong_place": _("Another place"),
        "foreign_voucher": _("Another centre's voucher"),
        "not_a_voucher": _("Not a voucher"),
        "not_enough_stock": _("Not enough stock"),
        "unknown_voucher": _("Unknown voucher"),
        "too_many_wrong_codes": _("Please wait"),
    }
    return words.get(refusal.code, _("Cannot be read"))


def sentence(refusal: DomainError) -> str:
    """The refusal in words; moments and days as people here write them."""
    if isinstance(refusal, AlreadyCollected) and refusal.facts.get("at"):
        at = datetime.fromisoformat(str(refusal.facts["at"]))
        return _("Collected on %(at)s at %(place)s.", at=moment(at), place=refusal.facts["place"])
    if isinstance(refusal, NotEnoughStock):
        return _(
            "The goods marked below are missing at this place. Hand out less with a reason, or send for more."
        )
    days = {
        name: day(date.fromisoformat(str(refusal.facts[name])))
        for name in ("first_day", "last_day")
        if refusal.facts.get(name)
    }
    return refusal.message(_(refusal.text), {**refusal.facts, **days}) if days else translate(refusal)


def given(receipt: Receipt) -> dict[str, Any]:
    """A handout or its reversal, done."""
    undone = receipt.kind == "reversal"
    return {
        "tone": "undone" if undone else "done",
        "title": _("Taken back")
        if undone
        else (_("Handed out in part") if receipt.partial else _("Handed out")),
        "receipt": receipt.as_json(),
        "repeated": receipt.repeated,
    }
