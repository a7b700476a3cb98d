"""What is recorded about a family stands on its page, and what is due on the caseworker's first one."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import CaseListEntry, NeedsAssessment
from aidtrack.beneficiaries.proofs.seed import seed_papers
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.test_bad_input import ACT, PAPER, Office
from tests.beneficiaries.test_bad_input import database_url as database_url
from tests.beneficiaries.test_bad_input import office as office
from tests.support.two_sites import bare


def test_the_paper_of_a_category_with_its_number_days_and_who_saw_it(office: Office) -> None:
    with office.unit() as session:
        seed_papers(session)
    paper = {
        "kind": "szho", "evidence_kind": "assessment_act", "evidence": "№ 77-А", "issued_on": "2026-10-05", "valid_from": "2026-10-06",
        "valid_until": "2099-10-06",
    }  # fmt: skip
    assert office.send(f"/families/{office.family}/categories/new", paper)[0] == 303
    page = office.desk.get(f"/families/{office.family}").text
    told = (
        "Акт оцінки потреб",
        "№ 77-А",
        "05.10.2026",
        "06.10.2026",
        "06.10.2099",
        "підтверджено",
        f"документ бачив(-ла) {office.who.login}",
    )
    assert [words for words in (*told, f"{local_date(utc_now()):%d.%m.%Y}") if words not in page] == []


def test_an_act_says_where_it_was_made_and_what_was_found(office: Office) -> None:
    day = local_date(utc_now()) - timedelta(days=9)
    with office.unit() as session:
        damp, coal = (entry(session, name) for name in ("Сирий підвал", "Потрібне вугілля"))
    ticks = {"circumstances": [str(damp), str(coal)]}
    for at_home, words in (("yes", "відвідування вдома"), ("no", "у приміщенні центру")):
        made = {
            **ACT,
            **ticks,
            "made_on": day.isoformat(),
            "at_home": at_home,
            "act_number": f"А-77-{at_home}",
        }
        assert office.send(PAPER + "assessment", made)[0] == 303
        page = office.desk.get(f"/families/{office.family}").text
        story = page[page.index(f"А-77-{at_home}") :]
        assert [
            one for one in (words, "Сирий підвал", "Потрібне вугілля", "Окремі слова") if one not in story
        ] == []


def entry(session: Session, name: str) -> int:
    return bare(
        session, CaseListEntry, list="circumstances", name_uk=name, name_en=name, protected=False,
        valid_from=local_date(utc_now()) - timedelta(days=30),
    )  # fmt: skip


def test_the_first_page_counts_acts_that_are_missing_over_or_nearly_over(office: Office) -> None:
    today = local_date(utc_now())
    for until, figures in ((today + timedelta(days=9), (0, 1)), (today - timedelta(days=1), (1, 0))):
        with office.unit() as session:
            session.execute(
                update(NeedsAssessment).values(made_on=today - timedelta(days=99), valid_until=until)
            )
        card = office.desk.get("/").text.partition("Акти, які треба скласти")[2].partition("</article>")[0]
        shown = [
            card.partition(f"{word}</dt>")[2].partition("</dd>")[0].rpartition(">")[2]
            for word in ("Строк минув", "Строк скоро мине")
        ]
        assert tuple(map(int, shown)) == figures, card
