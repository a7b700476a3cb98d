"""Journal, lists of needs, sittings of the council.

Revision ID: 0011
Revises: 0010

The table of intakes is made anew: SQLite cannot let a column be empty that must not be. Appeals recorded
before count as answered by the first decision that followed them, else as open.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LAW = "Закон 2671-VIII, ст. 1"
SINCE = date(2020, 1, 1)  # the law on social services came into force

# code, Ukrainian, English, protected: about health, violence or prison
CIRCUMSTANCES = (
    ("old_age", "Похилий вік", "Old age", False),
    ("lost_mobility", "Часткова або повна втрата рухової активності, пам’яті", "Loss of mobility or memory", True),
    ("illness", "Невиліковна хвороба або хвороба, що потребує тривалого лікування", "Incurable or long illness", True),
    ("mental", "Психічні та поведінкові розлади, зокрема внаслідок вживання психоактивних речовин", "Mental or behavioural disorder", True),
    ("disability", "Інвалідність", "Disability", False),
    ("homelessness", "Бездомність", "Homelessness", False),
    ("unemployment", "Безробіття", "Unemployment", False),
    ("low_income", "Малозабезпеченість особи", "Low income", False),
    ("child_behaviour", "Поведінкові розлади у дітей через розлучення батьків", "A child's behaviour after the parents' divorce", False),
    ("neglect", "Ухилення батьків або осіб, які їх замінюють, від обов’язків із виховання дитини", "Parental neglect", False),
    ("lost_ties", "Втрата соціальних зв’язків, зокрема під час перебування в місцях позбавлення волі", "Lost social ties, prison included", True),
    ("child_abuse", "Жорстоке поводження з дитиною", "Child abuse", True),
    ("gender_violence", "Насильство за ознакою статі", "Gender-based violence", True),
    ("domestic_violence", "Домашнє насильство", "Domestic violence", True),
    ("trafficking", "Потрапляння в ситуацію торгівлі людьми", "Trafficking in human beings", True),
    ("disaster", "Шкода, завдана пожежею, стихійним лихом, катастрофою", "Harm from fire or disaster", False),
    ("hostilities", "Шкода, завдана бойовими діями, терористичним актом, збройним конфліктом, тимчасовою окупацією", "Harm from hostilities, terrorism, armed conflict or occupation", False),
)  # fmt: skip
NEEDS = (
    ("food", "Продукти харчування", "Food", False),
    ("hygiene", "Засоби гігієни", "Hygiene items", False),
    ("clothes", "Одяг і взуття", "Clothes and shoes", False),
    ("bedding", "Постільна білизна, ковдри, матраци", "Bedding, blankets, mattresses", False),
    ("infant", "Дитяче харчування, підгузки", "Infant food, diapers", False),
    ("medicines", "Ліки", "Medicines", False),
    ("devices", "Засоби реабілітації (пункт прокату)", "Assistive devices (loan point)", False),
    ("heating", "Опалення, дрова, паливо", "Heating, firewood, fuel", False),
    ("housing", "Житло або ремонт житла", "Housing or its repair", False),
    ("school", "Шкільне приладдя", "School things", False),
    ("documents", "Відновлення документів", "Documents to be restored", False),
    ("support", "Соціальний супровід", "Social support", False),
    ("care", "Догляд", "Care", False),
    ("psychologist", "Психологічна підтримка", "Psychological support", False),
    ("work", "Пошук роботи", "Finding work", False),
)  # fmt: skip


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


BODY = ("council", "department")


def key(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    remake_intakes()
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column(
        "needs_assessment",
        sa.Column("living_conditions", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("needs_assessment", sa.Column("notes", sa.LargeBinary(), nullable=True))
    if not sqlite:
        op.alter_column("needs_assessment", "living_conditions", server_default=None)
    op.create_index(op.f("ix_needs_assessment_valid_until"), "needs_assessment", ["valid_until"])
    make_lists()
    make_sittings()


def remake_intakes() -> None:
    op.execute("CREATE TABLE intake_before AS SELECT * FROM intake")
    op.drop_index(op.f("ix_intake_household_id"), table_name="intake")
    op.drop_table("intake")
    op.create_table(
        "intake",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("kind", choice("intakekind", "appeal", "notification"), nullable=False),
        sa.Column(
            "channel",
            choice("channel", "in_person", "phone", "letter", "email", "hotline", "institution"),
            nullable=True,
        ),
        sa.Column(
            "sender", choice("sender", "family", "relative", "other_person", "institution", "unknown"), nullable=True
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("from_whom", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("about", sa.LargeBinary(), nullable=True),
        sa.Column("assigned_to_id", BIG, nullable=True),
        sa.Column("status", choice("intakestatus", "open", "closed", "transferred"), nullable=False),
        sa.Column(
            "outcome",
            choice("outcome", "granted", "refused", "advised", "not_confirmed", "withdrawn", "repeated"),
            nullable=True,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("transferred_to", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name=op.f("ck_intake_closed_on_a_day")),
        key("intake", "site_id", "site"),
        key("intake", "household_id", "household"),
        key("intake", "assigned_to_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )  # fmt: skip
    answered = (
        "(SELECT min(d.decided_on) FROM eligibility_decision d"
        " WHERE d.household_id = b.household_id AND d.decided_on >= b.received_on)"
    )
    year = (
        "CAST(strftime('%Y', b.received_on) AS INTEGER)"
        if op.get_bind().dialect.name == "sqlite"
        else "CAST(extract(year FROM b.received_on) AS INTEGER)"
    )
    op.execute(
        "INSERT INTO intake (id, site_id, household_id, number, year, kind, received_on, status, outcome, closed_on)"
        f" SELECT b.id, h.site_id, b.household_id, b.number, {year}, b.channel, b.received_on,"
        f" CASE WHEN {answered} IS NULL THEN 'open' ELSE 'closed' END,"
        f" CASE WHEN {answered} IS NULL THEN NULL ELSE 'granted' END, {answered}"
        " FROM intake_before b JOIN household h ON h.id = b.household_id"
    )
    op.execute("DROP TABLE intake_before")
    go_on_counting("intake")
    op.create_index(op.f("ix_intake_household_id"), "intake", ["household_id"])
    op.create_index(op.f("ix_intake_site_id_received_on"), "intake", ["site_id", "received_on"])
    op.create_index(
        op.f("ix_intake_site_id_status_assigned_to_id"), "intake", ["site_id", "status", "assigned_to_id"]
    )
    op.create_index("uq_intake_serial", "intake", ["site_id", "year", "serial"], unique=True)


def go_on_counting(table: str) -> None:
    """The next row gets a number of its own; SQLite sees to that by itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        )


def make_lists() -> None:
    entries = op.create_table(
        "case_list_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("list", choice("listkind", "circumstances", "needs"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("name_uk", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_case_list_entry_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_list_entry")),
    )
    op.create_index("uq_case_list_entry_code", "case_list_entry", ["list", "code"], unique=True)
    op.bulk_insert(
        entries,
        [
            {
                "list": kind, "code": code, "name_uk": name_uk, "name_en": name_en, "protected": protected,
                "source": LAW if kind == "circumstances" else None, "position": position, "valid_from": SINCE,
            }
            for kind, rows in (("circumstances", CIRCUMSTANCES), ("needs", NEEDS))
            for position, (code, name_uk, name_en, protected) in enumerate(rows, start=1)
        ],
    )  # fmt: skip
    op.create_table(
        "assessment_entry",
        sa.Column("assessment_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        key("assessment_entry", "assessment_id", "needs_assessment", "CASCADE"),
        key("assessment_entry", "entry_id", "case_list_entry"),
        sa.PrimaryKeyConstraint("assessment_id", "entry_id", name=op.f("pk_assessment_entry")),
    )
    op.create_index(op.f("ix_assessment_entry_entry_id"), "assessment_entry", ["entry_id"])
    op.create_table(
        "protected_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("assessment_id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        key("protected_entry", "assessment_id", "needs_assessment", "CASCADE"),
        key("protected_entry", "household_id", "household"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_entry")),
    )
    op.create_index(op.f("ix_protected_entry_assessment_id"), "protected_entry", ["assessment_id"])
    op.create_index(op.f("ix_protected_entry_household_id"), "protected_entry", ["household_id"])


def make_sittings() -> None:
    op.create_table(
        "sitting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("body", choice("decisionbody", *BODY), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("grants_from", sa.Date(), nullable=False),
        sa.Column("grants_until", sa.Date(), nullable=True),
        sa.Column("state", choice("sittingstate", "planned", "closed"), nullable=False),
        sa.Column("minutes_number", sa.String(length=40), nullable=True),
        sa.Column("minutes_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (minutes_number IS NOT NULL)", name=op.f("ck_sitting_closed_with_minutes")
        ),
        sa.CheckConstraint(
            "(minutes_number IS NULL) = (minutes_on IS NULL)", name=op.f("ck_sitting_minutes_are_dated")
        ),
        key("sitting", "site_id", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index(op.f("ix_sitting_site_id_held_on"), "sitting", ["site_id", "held_on"])
    op.create_table(
        "sitting_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sitting_id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("intake_id", BIG, nullable=True),
        sa.Column("assessment_id", BIG, nullable=True),
        sa.Column("corrects_id", BIG, nullable=True),
        sa.Column("correction_reason", sa.LargeBinary(), nullable=True),
        sa.Column("result", choice("result", "granted", "refused", "postponed"), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("any_programme", sa.Boolean(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_sitting_case_dates_in_order")
        ),
        key("sitting_case", "sitting_id", "sitting"),
        key("sitting_case", "household_id", "household"),
        key("sitting_case", "intake_id", "intake"),
        key("sitting_case", "assessment_id", "needs_assessment", "SET NULL"),
        key("sitting_case", "corrects_id", "sitting_case"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_case")),
    )
    op.create_index(op.f("ix_sitting_case_household_id"), "sitting_case", ["household_id"])
    op.create_index("uq_sitting_case_once", "sitting_case", ["sitting_id", "household_id"], unique=True)
    op.create_table(
        "sitting_case_programme",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        key("sitting_case_programme", "case_id", "sitting_case", "CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "programme_id", name=op.f("pk_sitting_case_programme")),
    )
    for table in ("case_decision", "annulled_decision"):
        op.create_table(
            table,
            sa.Column("decision_id", BIG, nullable=False),
            sa.Column("case_id", BIG, nullable=False),
            key(table, "decision_id", "eligibility_decision"),
            key(table, "case_id", "sitting_case"),
            sa.PrimaryKeyConstraint("decision_id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_case_id"), table, ["case_id"])


def downgrade() -> None:
    connection = op.get_bind()
    for table, which, what in (
        ("sitting", sa.column("state") == "closed", "closed minutes"),
        ("intake", sa.column("household_id").is_(None), "appeals of families that are not registered"),
    ):
        found = connection.execute(
            sa.select(sa.func.count()).select_from(sa.table(table)).where(which)
        ).scalar_one()
        if found:
            # papers of the centre that nothing else holds
            raise RuntimeError(f"{table} holds {what} ({found}), and an older version cannot hold them")
    for table in ("annulled_decision", "case_decision"):
        op.drop_index(op.f(f"ix_{table}_case_id"), table_name=table)
        op.drop_table(table)
    op.drop_table("sitting_case_programme")
    op.drop_index("uq_sitting_case_once", table_name="sitting_case")
    op.drop_index(op.f("ix_sitting_case_household_id"), table_name="sitting_case")
    op.drop_table("sitting_case")
    op.drop_index(op.f("ix_sitting_site_id_held_on"), table_name="sitting")
    op.drop_table("sitting")
    op.drop_index(op.f("ix_protected_entry_household_id"), table_name="protected_entry")
    op.drop_index(op.f("ix_protected_entry_assessment_id"), table_name="protected_entry")
    op.drop_table("protected_entry")
    op.drop_index(op.f("ix_assessment_entry_entry_id"), table_name="assessment_entry")
    op.drop_table("assessment_entry")
    op.drop_index("uq_case_list_entry_code", table_name="case_list_entry")
    op.drop_table("case_list_entry")
    op.drop_index(op.f("ix_needs_assessment_valid_until"), table_name="needs_assessment")
    op.drop_column("needs_assessment", "notes")
    op.drop_column("needs_assessment", "living_conditions")
    restore_intakes()


def restore_intakes() -> None:
    op.execute("CREATE TABLE intake_after AS SELECT id, household_id, number, kind, received_on FROM intake")
    for index in (
        "ix_intake_household_id",
        "ix_intake_site_id_received_on",
        "ix_intake_site_id_status_assigned_to_id",
    ):
        op.drop_index(op.f(index), table_name="intake")
    op.drop_index("uq_intake_serial", table_name="intake")
    op.drop_table("intake")
    op.create_table(
        "intake",
        sa.Column("id", BIG, nullable=False),
        sa.Column("household_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("channel", choice("intakechannel", "appeal", "notification"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        key("intake", "household_id", "household"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    op.execute(
        "INSERT INTO intake (id, household_id, number, channel, received_on)"
        " SELECT id, household_id, number, kind, received_on FROM intake_after"
    )
    op.execute("DROP TABLE intake_after")
    go_on_counting("intake")
    op.create_index(op.f("ix_intake_household_id"), "intake", ["household_id"])
