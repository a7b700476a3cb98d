"""What a family is told about its data: dated versions in both languages, the first of them built in."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import PrivacyText
from aidtrack.beneficiaries.privacy.errors import ReasonNeeded
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

FIRST = 1
FIRST_FROM = date(2022, 1, 1)
FIRST_BODY = {
    "uk": (
        "Ми записуємо Ваші імена, дати народження, документи, адресу, телефон і обставини, щоб визначити, на яку "
        "допомогу Ваша сім’я має право, видати її та відзвітувати за неї.\n"
        "Підстава: виконання завдань надавача соціальних послуг за законом; в окремих випадках — життєво важливі "
        "інтереси сім’ї або Ваша згода. Допомогу видають і тим, хто не показує жодного документа.\n"
        "Бачать ці дані лише фахівці Вашого центру, кожен перегляд записується. Донорам передають самі числа, без "
        "імен. На ваучері й у його коді немає імен.\n"
        "Ви можете будь-коли дізнатися, що ми зберігаємо і хто це переглядав, виправити помилку, відкликати згоду "
        "або попросити видалити дані. Зверніться до фахівця або за телефоном центру.\n"
        "Після закінчення строку зберігання дані видаляють; лишаються тільки числа для звітів."
    ),
    "en": (
        "We write down your names, birth dates, documents, address, phone and circumstances to find out which aid your "
        "family is entitled to, to hand it out and to account for it.\n"
        "Ground: the tasks of a provider of social services by law; in single cases the vital interest of the family or "
        "your consent. Aid is also handed out to people who show no document at all.\n"
        "Only the caseworkers of your centre see these data, and each look is written down. Donors are given figures "
        "alone, without names. The voucher and its code hold no name.\n"
        "At any time you may ask what we hold and who looked at it, have a mistake corrected, withdraw a consent or ask "
        "for your data to be erased. Speak to a caseworker or call the centre.\n"
        "When the time of keeping is over the data are erased; only figures for reports remain."
    ),
}


@dataclass(frozen=True, slots=True)
class TextRow:
    version: int
    language: str
    valid_from: date
    body: str


def text_on(session: Session, on: date, language: str) -> TextRow:
    """The text in force on a day, in a language."""
    row = session.scalar(
        select(PrivacyText)
        .where(PrivacyText.language == language, PrivacyText.valid_from <= on)
        .order_by(PrivacyText.valid_from.desc(), PrivacyText.version.desc())
        .limit(1)
    )
    if row is None:
        return TextRow(FIRST, language, FIRST_FROM, FIRST_BODY[language])
    return TextRow(row.version, row.language, row.valid_from, row.body)


def all_texts(session: Session) -> list[TextRow]:
    rows = session.scalars(select(PrivacyText).order_by(PrivacyText.version.desc(), PrivacyText.language))
    built_in = [TextRow(FIRST, language, FIRST_FROM, body) for language, body in FIRST_BODY.items()]
    return [*(TextRow(row.version, row.language, row.valid_from, row.body) for row in rows), *built_in]


def add_text(
    session: Session, bodies: dict[str, str], valid_from: date, *, actor: Actor, now: datetime
) -> int:
    """A new version in both languages, in force from a day on; earlier ones stay for whom they were read to."""
    actor.require(Permission.PRIVACY_MANAGE)
    clean = {language: bodies.get(language, "").strip()[:8000] for language in FIRST_BODY}
    for language, body in clean.items():
        if not body:
            raise ReasonNeeded(field=f"body_{language}")
    newest = session.scalar(select(func.max(PrivacyText.version))) or FIRST
    for language, body in clean.items():
        session.add(
            PrivacyText(
                version=newest + 1, language=language, valid_from=valid_from, body=body, created_at=now,
                created_by=actor.label,
            )
        )  # fmt: skip
    session.flush()
    audit.record(
        session, actor=actor, action="privacy.add_text", object_type="privacy_text",
        facts={"version": newest + 1, "valid_from": valid_from.isoformat()}, now=now,
    )  # fmt: skip
    return newest + 1
