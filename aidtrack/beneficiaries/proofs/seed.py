"""The papers by which a Ukrainian centre knows a category (docs/rules.md#categories).

Names are as people at a desk say them; which law asks for which paper changes, and a centre changes this list.
"""

from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import CategoryKind, CategoryKindEvidence, EvidenceKind

SINCE = date(2020, 1, 1)

# code, Ukrainian, English, the categories it proves
PAPERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("idp_certificate", "Довідка про взяття на облік ВПО", "IDP certificate", ("idp",)),
    ("assessment_act", "Акт оцінки потреб", "Needs-assessment act",
     ("szho", "child_at_risk", "conflict_affected", "gbv_survivor", "maternal_risk")),
    ("disability_certificate", "Довідка МСЕК або витяг із рішення експертної команди", "Disability certificate (group I, II, III)",
     ("disability",)),
    ("disability_card", "Посвідчення особи з інвалідністю", "Card of a person with disability", ("disability",)),
    ("child_disability", "Медичний висновок про дитину з інвалідністю", "Medical finding on a child with disability",
     ("disability", "family_with_disabled_child")),
    ("large_family_card", "Посвідчення багатодітної сім’ї", "Large family's card", ("large_family",)),
    ("birth_certificates", "Свідоцтва про народження дітей", "Birth certificates of children",
     ("large_family", "single_parent")),
    ("single_parent_paper", "Витяг із реєстру за статтею 135 Сімейного кодексу", "Register extract on a single parent",
     ("single_parent",)),
    ("low_income_paper", "Довідка про призначення допомоги малозабезпеченій сім’ї", "Certificate of low-income benefit",
     ("low_income",)),
    ("income_paper", "Довідка про доходи", "Certificate of income", ("low_income",)),
    ("birth_grant_paper", "Довідка про допомогу при народженні дитини", "Certificate of birth grant", ("birth_grant",)),
    ("pension_card", "Пенсійне посвідчення", "Pension card", ("older_person",)),
    ("passport", "Документ, що посвідчує особу", "Identity document", ("older_person",)),
    ("homeless_card", "Посвідчення про взяття на облік бездомної особи", "Card of a registered homeless person", ("homeless",)),
    ("foster_agreement", "Договір про влаштування дітей", "Agreement on placing children",
     ("foster_family", "family_type_home", "patronage_family")),
    ("guardianship", "Рішення про встановлення опіки або піклування", "Decision on guardianship or trusteeship",
     ("guardian_family",)),
    ("orphan_status", "Документ про статус дитини-сироти або дитини, позбавленої піклування", "Document on an orphan's status",
     ("orphan_or_deprived_child", "young_orphan")),
    ("combatant_card", "Посвідчення учасника бойових дій або ветерана війни", "Combatant's or veteran's card",
     ("veteran", "veteran_family")),
    ("fallen_card", "Посвідчення члена сім’ї загиблого", "Card of a fallen defender's family", ("veteran_family",)),
    ("notice", "Сповіщення про загибель, зникнення безвісти або полон", "Notice of death, disappearance or captivity",
     ("veteran_family",)),
    ("war_child_status", "Рішення про статус дитини, яка постраждала внаслідок воєнних дій", "Decision on a war-affected child's status",
     ("war_affected_child",)),
    ("damage_act", "Акт про пошкодження або знищення житла", "Act on damaged or destroyed housing", ("conflict_affected",)),
    ("local_card", "Пільгове посвідчення", "Card of a privileged group", ("local_category",)),
    ("protective_order", "Терміновий заборонний припис, обмежувальний припис або заява", "Protective order or report",
     ("gbv_survivor",)),
    ("release_paper", "Довідка про звільнення", "Certificate of release", ("ex_prisoner",)),
    ("probation_paper", "Подання органу пробації", "Probation service's submission", ("conflict_with_law", "ex_prisoner")),
    ("medical_finding", "Медичний висновок", "Medical finding", ("serious_illness", "maternal_risk")),
)  # fmt: skip


def seed_papers(session: Session) -> int:
    """Add the papers that are missing, and what they prove; what a centre changed stays."""
    known = set(session.scalars(select(EvidenceKind.code)))
    kinds = set(session.scalars(select(CategoryKind.code)))
    missing = [paper for paper in PAPERS if paper[0] not in known]
    if missing:
        session.execute(
            insert(EvidenceKind),
            [
                {"code": code, "name_uk": name_uk, "name_en": name_en, "valid_from": SINCE}
                for code, name_uk, name_en, _proves in missing
            ],
        )
        session.execute(
            insert(CategoryKindEvidence),
            [
                {"kind": kind, "evidence": code}
                for code, _uk, _en, proves in missing
                for kind in proves
                if kind in kinds
            ],
        )
    return len(missing)
