"""Dataclasses whose methods come late: nobody who uses one can tell, but for the start that is shorter."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from threading import Barrier
from typing import Any

import pytest

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot."""

    item: str
    units: int = 1
    marks: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.item} x {self.units}"


@dataclass(frozen=True, slots=True)
class DatedLot(Lot):
    day: int = 3


@dataclass(slots=True)
class Tally:
    units: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """Only ever unpickled here."""

    item: str


def test_it_behaves_as_a_dataclass_does() -> None:
    lot = Lot("rice")
    assert (lot.item, lot.units, lot.marks, lot.label) == ("rice", 1, [], "rice x 1")
    assert lot == Lot(item="rice", units=1)
    assert lot != Lot("rice", 2)
    assert lot.marks is not Lot("rice").marks
    assert repr(lot) == "Lot(item='rice', units=1, marks=[])"
    assert replace(lot, units=5).units == 5
    assert asdict(lot) == {"item": "rice", "units": 1, "marks": []}
    assert not hasattr(lot, "__dict__")
    assert Lot.__doc__ == "A lot."


def test_a_frozen_one_cannot_be_changed_and_has_a_hash() -> None:
    @dataclass(frozen=True, slots=True)
    class Place:
        name: str

    assert hash(Place("a")) == hash(Place("a"))
    place: Any = Place("a")
    with pytest.raises(FrozenInstanceError):
        place.name = "b"
    with pytest.raises(FrozenInstanceError):
        del place.name


def test_one_that_may_change_has_no_hash() -> None:
    tally = Tally()
    tally.units += 2
    assert tally == Tally(2)
    with pytest.raises(TypeError):
        hash(tally)
    assert pickle.loads(pickle.dumps(tally)) == tally


def test_one_may_inherit_from_another_and_add_fields() -> None:
    dated = DatedLot("oil", day=9)
    assert [one.name for one in fields(DatedLot)] == ["item", "units", "marks", "day"]
    assert (dated.label, dated.day) == ("oil x 1", 9)
    assert vars(DatedLot)["__slots__"] == ("day",)
    assert dated != Lot("oil")


def test_its_fields_can_be_asked_for_and_matched_before_there_is_an_instance() -> None:
    @dataclass(frozen=True, slots=True)
    class Pair:
        left: int
        right: int

    assert is_dataclass(Pair)
    assert [one.name for one in fields(Pair)] == ["left", "right"]
    match Pair(1, 2):
        case Pair(left, right):
            assert (left, right) == (1, 2)


def test_one_that_is_first_met_unpickled_is_whole() -> None:
    carried: Any = object.__new__(Carried)
    carried.__setstate__(["rice"])  # as pickle does
    assert carried == Carried("rice")
    assert pickle.loads(pickle.dumps(carried)) == carried


def test_what_a_class_defines_itself_stays() -> None:
    @dataclass(frozen=True, slots=True)
    class Spoken:
        word: str

        def __repr__(self) -> str:
            return self.word

    assert repr(Spoken("rice")) == "rice"


def test_nothing_is_written_before_it_is_needed() -> None:
    @dataclass(frozen=True, slots=True)
    class Unused:
        item: str

    assert not callable(vars(Unused)["__init__"])
    Unused("rice")
    assert callable(vars(Unused)["__init__"])


def test_threads_that_meet_a_class_first_at_the_same_time_find_it_whole() -> None:
    together = Barrier(4)

    @dataclass(frozen=True, slots=True)
    class Busy:
        item: str
        marks: list[str] = field(default_factory=list)

    def first(number: int) -> Any:
        together.wait(60)
        return Busy(str(number))

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(first, range(4)))
    assert [(one.item, one.marks) for one in made] == [(str(number), []) for number in range(4)]
