"""The counter's JSON answers: everything the page shows, already in the person's language."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.distribution.errors import AlreadyCollected
from aidtrack.distribution.handouts.receipts import Receipt
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.kernel.errors import DomainError
from aidtrack.scanner.lookups import PickedLot, Scanned, ScannedLine
from aidtrack.web.filters import day, moment, name, qty
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
    return {
        "item_id": line.due.item_id,
        "name": name(line.due),
        "due": line.due.units,
        "unit": line.due.base_unit,
        "shown": qty(line.due.units, line.due.base_unit),
        "available": line.due.units - line.short,
        "short": qty(line.short, line.due.base_unit) if line.short else None,
        "packs": list(line.packs),
        "lots": [_lot(picked, line, alone=len(line.lots) == 1) for picked in line.lots],
    }


def _lot(picked: PickedLot, line: ScannedLine, *, alone: bool) -> str:
    """Lot, donor, expiry; with its share where a line takes from several lots."""
    lot, donor = picked.row.lot_code, picked.row.donor_code
    if picked.row.lot.expires_on:
        text = _(
            "%(lot)s, %(donor)s, good until %(day)s", lot=lot, donor=donor, day=day(picked.row.lot.expires_on)
        )
    else:
        text = _("%(lot)s, %(donor)s", lot=lot, donor=donor)
    return text if alone else f"{qty(picked.units, line.due.base_unit)}: {text}"


def titles() -> dict[str, str]:
    """By the refusal's code: two or three words that can be read from two metres."""
    return {
        "already_collected": _("Already collected"),
        "void_voucher": _("Withdrawn voucher"),
        "expired_voucher": _("Voucher has expired"),
        "not_yet_valid": _("Too early"),
        "wrong_place": _("Another place"),
        "foreign_voucher": _("Another centre's voucher"),
        "not_a_voucher": _("Not a voucher"),
        "damaged_voucher": _("Code is damaged"),
        "bad_signature": _("Code is not genuine"),
        "unknown_key": _("Code is not genuine"),
        "not_a_code": _("Not a voucher code"),
        "bad_check_character": _("A wrong character"),
        "voucher_not_issued": _("Not issued yet"),
        "collision": _("Scan again"),
        "not_enough_stock": _("Not enough stock"),
        "unknown_voucher": _("Unknown voucher"),
        "too_many_wrong_codes": _("Please wait"),
    }


def title(refusal: DomainError | None) -> str:
    if refusal is None:
        return str(_("Voucher is good"))
    return titles().get(refusal.code) or str(_("Not done"))


def sentence(refusal: DomainError) -> str:
    """The refusal in words; moments and days as people here write them."""
    if isinstance(refusal, AlreadyCollected) and refusal.facts.get("at"):
        at = datetime.fromisoformat(str(refusal.facts["at"]))
        return str(_("Collected on %(at)s at %(place)s.", at=moment(at), place=refusal.facts["place"]))
    if isinstance(refusal, NotEnoughStock):
        return str(
            _(
                "The goods marked below are missing at this place. Hand out less with a reason, or send for more."
            )
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
        "title": _("Handout taken back")
        if undone
        else (_("Handed out in part") if receipt.partial else _("Handed out")),
        "receipt": receipt.as_json(),
        "repeated": receipt.repeated,
    }
