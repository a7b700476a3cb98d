"""A family at each of two sites whose every personal field holds a word of its own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.cases.commands import DecisionBody, Result
from aidtrack.beneficiaries.identifiers import document_hash, phone_hash
from aidtrack.beneficiaries.search_index import tokens_of
from aidtrack.db import unit_of_work
from aidtrack.distribution import models as distribution
from aidtrack.feedback.commands import State
from aidtrack.feedback.models import Feedback
from aidtrack.kernel.actor import Role
from aidtrack.kernel.ids import registration_number
from tests.support import canaries
from tests.support.people import Somebody, add_person
from tests.support.two_sites import TODAY, Half, bare
from tests.test_route_roles import World

PROTECTED_KIND = "zqxprotected"


@dataclass(frozen=True)
class Planted:
    """The words of both sites by what they are, and who reads."""

    world: World
    own: dict[str, str]
    other: dict[str, str]
    granted: Somebody
    columns: set[str]  # where a word was read back after planting

    @property
    def all(self) -> dict[str, str]:
        """The words of both sites; under one name only one of them would be looked for."""
        return self.own | {f"another site's {what}": word for what, word in self.other.items()}


def words_of(site: str, number: int, at: Half) -> dict[str, str]:
    """One word for each personal field; digits and letters only, so that no escaping hides one."""
    return {
        "surname": f"Zqxsurname{site}", "given name": f"Zqxgiven{site}", "patronymic": f"Zqxpatronymic{site}",
        "registration number": registration_number(site, 26, 777_000 + number), "document": f"ZQXDOC77610{number}", "address": f"Zqxaddress{site}",
        "phone": f"50777660{number}", "proxy": f"Zqxproxy{site}", "evidence": f"Zqxevidence{site}",
        "protected evidence": f"Zqxhidden{site}", "act": f"ZQXACT{site}", "decision": f"ZQXDEC{site}",
        "intake": f"ZQXINT{site}", "serial": f"SERIAL-{site}", "reason of a handout": f"REASON-{site}", "code": at.voucher_code,
        "birth date": f"0{number}.06.1907", "from whom": f"Zqxfrom{site}", "contact": f"Zqxcontact{site}",
        "about": f"Zqxabout{site}", "notes": f"Zqxnotes{site}", "reason of a case": f"Zqxwhy{site}",
        "words of a case": f"Zqxgrant{site}", "message": f"Zqxmessage{site}", "writer": f"Zqxwriter{site}",
        "sensitive message": f"Zqxabuse{site}", "message about the reader": f"Zqxboss{site}",
        "settlement": f"Zqxvillage{site}", "displaced on": f"0{number}.07.1908", "arrived on": f"0{number}.08.1909",
        "note on paper": f"Zqxnote{site}", "settled paper": f"Zqxsettled{site}", "reason of a review": f"Zqxreview{site}",
        "why void": f"Zqxvoid{site}",
    }  # fmt: skip


def plant(at: Half, words: dict[str, str], number: int, worker: int | None = None) -> None:
    ids, now = at.numbers, datetime.now(UTC)
    household, person = ids["household_id"], ids["person_id"]
    with unit_of_work() as session:
        session.execute(
            update(people.Household)
            .where(people.Household.id == household)
            .values(
                registration_no=words["registration number"], address=words["address"],
                phone=f"+380{words['phone']}", settlement=words["settlement"], changed_at=now,
                displaced_on=date(1908, 7, number), arrived_on=date(1909, 8, number),
                phone_hash=phone_hash(f"+380{words['phone']}"),
            )
        )  # fmt: skip
        session.execute(
            update(people.Collector)
            .where(people.Collector.household_id == household)
            .values(name=words["proxy"])
        )
        session.execute(
            update(people.Person)
            .where(people.Person.id == person)
            .values(
                surname=words["surname"], given_name=words["given name"], patronymic=words["patronymic"],
                document=words["document"], birth_date=date(1907, 6, number),
                document_hash=document_hash(words["document"]),
            )
        )  # fmt: skip
        row = (
            session.execute(select(*people.Person.__table__.c).where(people.Person.id == person))
            .mappings()
            .one()
        )
        tokens = [{"person_id": person, "token": token} for token in tokens_of(dict(row))]
        session.execute(insert(people.NameToken), tokens)
        session.execute(
            update(people.Category)
            .where(people.Category.id == ids["category_id"])
            .values(evidence=words["evidence"])
        )
        session.execute(
            insert(people.ProtectedCategory).values(
                id=ids["category_id"], household_id=household, person_id=person, kind=PROTECTED_KIND,
                evidence=words["protected evidence"], valid_from=TODAY, seen_by="x",
            )
        )  # fmt: skip
        session.execute(
            insert(people.NeedsAssessment).values(
                household_id=household,
                act_number=words["act"],
                made_on=TODAY,
                valid_until=TODAY,
                notes=words["notes"],
                recorded_by="x",
            )
        )
        session.execute(
            insert(people.EligibilityDecision).values(
                household_id=household, body=next(iter(DecisionBody)), number=words["decision"],
                decided_on=TODAY, valid_from=TODAY, recorded_by="x",
            )
        )  # fmt: skip
        session.execute(
            update(people.Intake)
            .where(people.Intake.id == ids["intake_id"])
            .values(
                number=words["intake"], from_whom=words["from whom"], contact=words["contact"],
                about=words["about"], assigned_to_id=worker,
            )
        )  # fmt: skip
        session.execute(
            update(people.SittingCase)
            .where(people.SittingCase.id == ids["sitting_case_id"])
            .values(
                result=Result.GRANTED, reason=words["reason of a case"], words=words["words of a case"],
                valid_from=TODAY,
            )
        )  # fmt: skip
        _plant_papers(session, at, words, number, now)
    plant_messages(at, words, worker)


def _plant_papers(session: Session, at: Half, words: dict[str, str], number: int, now: datetime) -> None:
    """What colleagues wrote on lists, vouchers and reviews, and the families a trial found."""
    ids = at.numbers
    session.execute(
        insert(distribution.PaperRow).values(
            list_id=ids["list_id"], number=2, state="noted", note=words["note on paper"], entered_at=now,
            entered_by="x", settled_at=now, settled_by="x", settlement=words["settled paper"],
        )
    )  # fmt: skip
    session.execute(
        update(distribution.ReviewCase)
        .where(distribution.ReviewCase.id == ids["case_id"])
        .values(how="as_it_is", reason=words["reason of a review"], settled_at=now, settled_by="x")
    )
    session.execute(
        update(distribution.Voucher)
        .where(distribution.Voucher.id == ids["voucher_id"])
        .values(void_reason=words["why void"])
    )
    for trial, comes_in in (("trial_id", False), ("qualify_id", True), ("marks_id", False)):
        for family in ("household_id", "other_id"):
            session.execute(
                insert(distribution.RuleTrialChange).values(
                    trial_id=ids[trial], household_id=ids[family], comes_in=comes_in
                )
            )


def plant_messages(at: Half, words: dict[str, str], worker: int | None) -> None:
    """An ordinary message, a sensitive one, and one about the caseworker who reads."""
    with unit_of_work() as session:
        session.execute(
            update(Feedback)
            .where(Feedback.id == at.numbers["feedback_id"])
            .values(text=words["message"], writer_name=words["writer"])
        )
        others = (
            ("sensitive message", "abuse", True, None),
            ("message about the reader", "complaint_staff", False, worker),
        )
        for number, (word, kind, sensitive, about) in enumerate(others):
            bare(
                session, Feedback, site_id=at.site_id, kind=kind, sensitive=sensitive, about_user_id=about, text=words[word],
                answer=words[word], writer_name=words[word], number=f"F-{at.site_id}-{number}", state=State.NEW,
            )  # fmt: skip


def planted_in(world: World) -> Planted:
    own, other = words_of("DN", 1, world.own), words_of("ZH", 2, world.other)
    now = datetime.now(UTC)
    with world.app.app_context():
        with unit_of_work() as session:
            name = f"Name of {PROTECTED_KIND}"
            session.execute(
                insert(people.CategoryKind).values(
                    code=PROTECTED_KIND, name_uk=name, name_en=name, protected=True
                )
            )
            session.execute(
                update(distribution.ProgrammeRule).values(rule={"is": "any_member", "categories": ["test"]})
            )
        plant(world.own, own, 1, world.people[Role.CASEWORKER].user_id)
        plant(world.other, other, 2)
        with unit_of_work() as session:
            canaries.plant(session, world.own, "DN")
            canaries.plant(session, world.other, "ZH")
            columns = canaries.found(session, "DN") | canaries.found_by_hand(session, own)
        with unit_of_work() as session:
            granted = add_person(session, Role.CASEWORKER, site_ids=[world.own.site_id])
            session.execute(
                insert(people.ProtectionGrant).values(
                    user_id=granted.user_id, granted_by_id=world.people[Role.CASEWORKER].user_id, reason="x",
                    valid_from=now, valid_until=now + timedelta(days=1),
                )
            )  # fmt: skip
    both = {"protected kind": PROTECTED_KIND}
    words = (own | both | canaries.words("DN"), other | canaries.words("ZH"))
    return Planted(world, *words, granted, columns)
