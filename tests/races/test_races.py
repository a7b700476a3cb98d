"""Many hands at once, through the real server, on both databases; each race with its control."""

from collections import Counter
from pathlib import Path

from tests.races.crowd import CLIENTS, Counter8, Outcome, counter_with, drop_second_line, outcome, rush
from tests.support.nursery import Nursery

UNLOCKED = "tests.races.unlocked"


def run(
    servers: Nursery, counter: Counter8, shares: list[list[str]], application: str | None = None
) -> tuple[Counter[str], Outcome]:
    """Two server processes: the locks must hold between processes too, not only between threads."""
    with servers.serving(counter.url, 2, application=application) as ports:
        answers = rush(ports, counter, shares)
    return answers, outcome(counter)


def everyone_tries_everything(codes: list[str]) -> list[list[str]]:
    return [list(codes) for _client in range(CLIENTS)]


def dealt_out(codes: list[str]) -> list[list[str]]:
    return [codes[n::CLIENTS] for n in range(CLIENTS)]


def test_200_vouchers_tried_1600_times_are_collected_200_times(
    servers: Nursery, database_url: str, tmp_path: Path
) -> None:
    with counter_with(database_url, tmp_path, vouchers=200, stock_units=10**9) as counter:
        answers, books = run(servers, counter, everyone_tries_everything(counter.codes))
    assert answers == {"201 receipt": 200, "409 already_collected": 1_400}
    assert books.regular_handouts == 200
    assert (books.handed_out_units, books.gap_units) == (200 * 500, 0)


def test_control_without_locks_vouchers_are_collected_twice(
    servers: Nursery, database_url: str, tmp_path: Path
) -> None:
    with counter_with(database_url, tmp_path, vouchers=50, stock_units=10**9) as counter:
        drop_second_line(counter)
        _answers, books = run(servers, counter, everyone_tries_everything(counter.codes), UNLOCKED)
    assert books.regular_handouts > 50


def test_100_kg_tried_4000_times_at_500_g_serve_exactly_200(
    servers: Nursery, database_url: str, tmp_path: Path
) -> None:
    with counter_with(database_url, tmp_path, vouchers=4_000, stock_units=100_000) as counter:
        answers, books = run(servers, counter, dealt_out(counter.codes))
    assert answers == {"201 receipt": 200, "409 not_enough_stock": 3_800}
    assert (books.handed_out_units, books.gap_units, books.lowest_balance) == (100_000, 0, 0)


def test_control_without_locks_more_is_handed_out_than_there_is(
    servers: Nursery, database_url: str, tmp_path: Path
) -> None:
    with counter_with(database_url, tmp_path, vouchers=240, stock_units=100_000) as counter:
        drop_second_line(counter)
        _answers, books = run(servers, counter, dealt_out(counter.codes), UNLOCKED)
    assert books.handed_out_units > 100_000
    assert books.lowest_balance < 0
