"""The register of families as a table: its columns, and a row's way into the registry."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import CommandReceipt
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import NewCategory, NewMember, RegisterHousehold
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.imports import comparing, lists, looks
from aidtrack.beneficiaries.imports.errors import MayBeRegistered, MayBeRegisteredElsewhere, SexUnknown
from aidtrack.beneficiaries.imports.reading import read_full_name, read_head, read_sex, sex_of_patronymic
from aidtrack.beneficiaries.queries.doubles import Key
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.registration import KIND, register_many
from aidtrack.db.vault import current_vault
from aidtrack.importing.cells import read_date, read_yes_no
from aidtrack.importing.layouts import (
    Applied,
    Column,
    Context,
    Finding,
    Layout,
    Option,
    Record,
    Verdict,
)
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.ids import check_registration_number

SURE = frozenset(
    {"name_and_birth_date", "document", "tax_id"}
)  # who shares these is the same in all likelihood
_MEMBER = "members-"


def _date(text: str, _context: Context) -> date:
    return read_date(text)


def _yes(text: str, _context: Context) -> bool:
    return read_yes_no(text)


def _number(text: str, _context: Context) -> str:
    return check_registration_number(text)


FIELDS = (
    Column("family_no", N_("Family number in the file"),
          ("№ сім'ї", "номер сім'ї", "код сім'ї", "№ справи", "номер справи", "household id", "family id", "hh id",
           "case number", "#meta+hh+id"),
          hint=N_("Rows with the same number are one family.")),
    Column("registration_no", N_("Registration number"),
          ("реєстраційний номер", "реєстраційний №", "registration no", "reg no"), read=_number),
    Column("full_name", N_("Surname, given name, patronymic in one cell"),
          ("ПІБ", "П.І.Б.", "прізвище ім'я по батькові", "прізвище, ім'я, по батькові", "ПІБ заявника", "ПІП", "ПІБ особи",
           "ПІБ члена сім'ї", "член сім'ї", "name", "full name", "#contact+name"), repeats=True, read=read_full_name),
    Column("surname", N_("Surname"), ("прізвище", "прізвище члена сім'ї", "прізвище особи", "last name", "family name"),
          repeats=True, needed=True, instead=("full_name", "registration_no")),
    Column("given_name", N_("Given name"), ("ім'я", "власне ім'я", "ім'я члена сім'ї", "first name", "name given"),
          repeats=True, needed=True, instead=("full_name", "registration_no")),
    Column("patronymic", N_("Patronymic"), ("по батькові", "побатькові", "middle name"), repeats=True),
    Column("sex", N_("Sex"), ("стать", "стать (ж/ч)", "стать ч/ж", "gender", "#indicator+sex"), repeats=True, read=read_sex),
    Column("birth_date", N_("Birth date"), ("дата народження", "д.н.", "дата нар.", "народився", "date of birth", "dob", "born"),
          repeats=True, read=_date),
    Column("is_head", N_("Head of the family"), ("голова сім'ї", "родинний зв'язок", "ступінь споріднення", "статус у сім'ї",
          "relation", "relationship", "head"), repeats=True, read=read_head,
          hint=N_("Without this column the first row of a family is its head.")),
    Column("document", N_("Document"), ("документ", "паспорт", "серія і номер паспорта", "паспорт (серія, номер)",
          "документ, що посвідчує особу", "passport", "id document"), repeats=True),
    Column("tax_id", N_("Taxpayer number (РНОКПП)"), ("РНОКПП", "ІПН", "ідентифікаційний код", "ідентифікаційний номер", "іпн/рнокпп",
          "код", "tax number", "tax id", "tin"), repeats=True),
    Column("tax_id_confirmed", N_("The paper shows exactly this number"), ("РНОКПП звірено",), repeats=True, read=_yes),
    Column("categories", N_("Categories"), ("категорія", "категорії", "статус", "пільгова категорія", "категорія особи",
          "category", "status", "vulnerability", "#beneficiary"), repeats=True, words="category", many=True),
    Column("evidence", N_("Evidence"), ("підтвердження", "підтвердний документ", "документ про статус", "№ довідки", "номер довідки ВПО",
          "evidence", "certificate"), repeats=True),
    Column("household_categories", N_("Categories of the whole family"), ("категорія сім'ї", "статус сім'ї", "тип сім'ї",
          "family category", "household category"), words="household_category", many=True),
    Column("settlement", N_("Settlement"), ("населений пункт", "місто/село", "село", "місто", "місце проживання", "settlement",
          "town", "village", "city", "#loc+name"), needed=True, instead=("registration_no",), words="settlement",
          keeps_text=True),
    Column("katottg", N_("KATOTTG code"), ("КАТОТТГ", "код КАТОТТГ", "код населеного пункту", "p-code", "pcode", "#loc+code")),
    Column("address", N_("Address"), ("адреса", "адреса проживання", "фактична адреса", "вулиця, будинок", "адреса фактичного проживання",
          "street", "#contact+address")),
    Column("phone", N_("Phone"), ("телефон", "контактний телефон", "номер телефону", "моб. телефон", "тел.", "mobile", "phone number",
          "#contact+phone")),
    Column("proxy_name", N_("Alternate collector"), ("довірена особа", "представник", "хто отримує", "proxy", "collector")),
    Column("displaced_on", N_("Displaced on"), ("дата переміщення", "дата взяття на облік ВПО", "displacement date", "#date+displaced"), read=_date),
    Column("arrived_on", N_("Arrived in the hromada on"), ("дата прибуття", "дата прибуття в громаду", "arrival date"), read=_date),
    Column("registered_on", N_("Registered on"), ("дата реєстрації", "дата звернення", "дата взяття на облік", "registration date",
          "#date+registered"), read=_date),
    Column("go_on_reason", N_("Why this is another family"), ("чому це інша сім'я",)),
)  # fmt: skip

SEX_FROM_PATRONYMIC, TAKE_CHANGES = "sex_from_patronymic", "take_changes"
OPTIONS = (
    Option(
        SEX_FROM_PATRONYMIC,
        N_("Where the sex is missing, take it from the patronymic (-івна, -ович)"),
        N_("A row without either stays bad."),
    ),
    Option(
        TAKE_CHANGES,
        N_("Also change registered families as the file has them"),
        N_("Only families whose registration number stands in the file. An empty cell changes nothing."),
    ),
)


# -- judging --------------------------------------------------------------------------------------------


def check(session: Session, context: Context, records: Sequence[Record]) -> list[Verdict]:
    kinds = queries.kinds(session)
    site = session.get_one(Site, context.site_id)
    today = local_date(context.now, site.time_zone)
    verdicts: list[Verdict] = []
    waiting: list[tuple[Verdict, Record, RegisterHousehold, checking.Family | None]] = []
    for record in records:
        verdict = Verdict(record.number, record.rows, "new")
        verdicts.append(verdict)
        if record.values.get("registration_no"):
            continue
        try:
            command = _command(record, context, today)
            verdict.command = command
            # while bringing in, the registration itself judges again, in the same transaction
            family = (
                None
                if context.state.get("applying")
                else checking.family(command, kinds, today=today, actor=context.actor)
            )
        except DomainError as error:
            verdict.outcome = "bad"
            verdict.findings.append(_finding(error, record))
            continue
        waiting.append((verdict, record, command, family))
    comparing.judge_known(
        session, context, [(verdict, record) for verdict, record in zip(verdicts, records, strict=True)
                           if record.values.get("registration_no")], today,
    )  # fmt: skip
    if waiting:
        _judge_new(session, context, waiting, today)
    return verdicts


def _finding(error: DomainError, record: Record) -> Finding:
    """A refusal of the registry, put on the cell it blames."""
    name = error.field or ""
    if name.startswith(_MEMBER):
        number, _dash, field = name.removeprefix(_MEMBER).partition("-")
        name = f"{field}#{number}"
        if name not in record.cells and f"full_name#{number}" in record.cells:
            name = f"full_name#{number}"
    elif name == "members":
        name = "is_head" if any(key.startswith("is_head#") for key in record.cells) else "surname#0"
        name = next((key for key in record.cells if key.startswith(name.split("#")[0])), name)
    return Finding.of(error, record.cell_of(name), name.partition("#")[0])


def _judge_new(
    session: Session,
    context: Context,
    waiting: Sequence[tuple[Verdict, Record, RegisterHousehold, checking.Family | None]],
    today: date,
) -> None:
    done = set(
        session.scalars(
            select(CommandReceipt.command_id).where(
                CommandReceipt.kind == KIND,
                CommandReceipt.command_id.in_([str(command.command_id) for _v, _r, command, _f in waiting]),
            )
        )
    )
    if context.state.get("applying"):
        for verdict, _record, command, _family in waiting:
            if str(command.command_id) in done:
                verdict.outcome, verdict.command = "same", None
        return
    keys = [family.keys() if family is not None else set() for _v, _r, _c, family in waiting]
    registered = queries.possible_doubles(session, keys, context.actor.site_ids)
    seen: dict[bytes, int] = context.state.setdefault("seen", {})
    found: list[tuple[Verdict, Record, dict[int, list[str]]]] = []
    for number, (verdict, record, command, _family) in enumerate(waiting):
        if str(command.command_id) in done:
            verdict.outcome = "same"
            continue
        earlier = _earlier_row(seen, keys[number], record.rows[0])
        if command.go_on_reason:
            continue
        if earlier is not None:
            verdict.outcome = "double"
            verdict.findings.append(
                Finding.of(MayBeRegisteredElsewhere(row=earlier), record.cell_of("surname#0"))
            )
        if number in registered:
            found.append((verdict, record, registered[number]))
    comparing.judge_doubles(session, context, found, SURE, _doubled, today)


def _earlier_row(seen: dict[bytes, int], keys: set[Key], row: int) -> int | None:
    """The first row of an earlier family of the file that shares a key; this one's keys are remembered."""
    short = [why[:1].encode() + value[:16] for why, value in keys]
    earlier = min((seen[key] for key in short if key in seen), default=None)
    for key in short:
        seen.setdefault(key, row)
    return earlier


def _doubled(known: Sequence[str], record: Record) -> Finding:
    return Finding.of(MayBeRegistered(known=", ".join(known)), record.cell_of("surname#0"))


# -- commands -------------------------------------------------------------------------------------------


def _command(record: Record, context: Context, today: date) -> RegisterHousehold:
    values = record.values
    since = values.get("registered_on") or today
    written, code = values["settlement"]
    members = tuple(
        member_of(part, number, record, context, since) for number, part in enumerate(record.parts)
    )
    fields: dict[str, Any] = {
        "site_id": context.site_id,
        "settlement": written,
        "katottg": values.get("katottg") or code,
        "address": values.get("address"),
        "phone": values.get("phone"),
        "proxy_name": values.get("proxy_name"),
        "displaced_on": values.get("displaced_on"),
        "arrived_on": values.get("arrived_on"),
        "registered_on": values.get("registered_on"),
        "members": members,
        "categories": tuple(NewCategory(one, since) for one in values.get("household_categories", ())),
        "go_on_reason": values.get("go_on_reason"),
    }
    # what a row says makes its id: the same row again, in this file or another, has its one effect
    digest = current_vault().digest(repr(_said(record, context)), "import.families")
    return RegisterHousehold(command_id=UUID(bytes=digest[:16], version=4), **fields)


def _said(record: Record, context: Context) -> Any:
    values = {name: value for name, value in record.values.items() if name != "family_no"}
    parts = [sorted(part.items(), key=lambda one: one[0]) for part in record.parts]
    return context.site_id, sorted(values.items(), key=lambda one: one[0]), parts


def member_of(
    part: Mapping[str, Any], number: int, record: Record, context: Context, since: date
) -> NewMember:
    """Raises SexUnknown, naming the member's cell."""
    surname, given, patronymic = part.get("full_name") or ("", "", None)
    patronymic = part.get("patronymic") or patronymic
    sex: Sex | None = part.get("sex")
    if sex is None and context.options.get(SEX_FROM_PATRONYMIC):
        sex = sex_of_patronymic(patronymic)
    if sex is None:
        raise SexUnknown(field=f"members-{number}-sex")
    marked = any("is_head" in other for other in record.parts)
    evidence = part.get("evidence")
    return NewMember(
        surname=part.get("surname") or surname,
        given_name=part.get("given_name") or given,
        patronymic=patronymic,
        sex=sex,
        birth_date=part.get("birth_date"),
        document=part.get("document"),
        tax_id=part.get("tax_id"),
        tax_id_confirmed=bool(part.get("tax_id_confirmed")),
        is_head=bool(part.get("is_head")) if marked else number == 0,
        categories=tuple(
            NewCategory(one, since, evidence=evidence, proven=evidence is not None)
            for one in part.get("categories", ())
        ),
    )


# -- bringing in ----------------------------------------------------------------------------------------


def apply(session: Session, context: Context, verdicts: Sequence[Verdict]) -> Applied:
    """Register the new families with the registry's own service; change those the file names.

    Those that were brought in meanwhile are none of them: `check` told so a moment ago, in this transaction.
    """
    new = [one.command for one in verdicts if isinstance(one.command, RegisterHousehold)]
    made = register_many(session, new, actor=context.actor, now=context.now) if new else []
    changed = sum(
        comparing.change(session, context, one.command)
        for one in verdicts
        if isinstance(one.command, comparing.Change)
    )
    return Applied(tuple(made), changed, sum(1 for one in verdicts if one.outcome == "same"))


FAMILIES = Layout(
    code="families",
    label=N_("Register of families"),
    hint=N_("One row for each person, held together by a family number; or one row for each family."),
    permission=Permission.HOUSEHOLD_WRITE,
    fields=FIELDS,
    check=check,
    apply=apply,
    key=("family_no",),
    options=OPTIONS,
    words=lists.words,
    order=10,
    mend_with=("registration_no", "go_on_reason", "tax_id_confirmed"),
    reads=looks.reads,
    export="register_file.without_names",
)
