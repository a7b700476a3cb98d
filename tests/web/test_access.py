"""Who may open what, and what the others are told."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aidtrack.kernel.actor import Permission, Role
from aidtrack.web import access
from tests.web.support import Someone, person


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(
    browser_like: FlaskClient, someone: Someone
) -> None:
    someone.actor = None
    answer = browser_like.get("/cases?page=2")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fcases%3Fpage%3D2")


def test_the_start_page_is_not_named_as_the_way_back(browser_like: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    assert browser_like.get("/").location == "/sign-in"


def test_a_partial_page_sends_the_whole_page_to_sign_in(browser_like: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    answer = browser_like.get("/cases", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fcases")


def test_a_role_without_the_permission_is_refused_in_words(browser_like: FlaskClient) -> None:
    answer = browser_like.get("/cases")
    assert answer.status_code == 403
    assert "Ваша роль цього не дозволяє." in answer.text


def test_any_one_of_several_permissions_is_enough(browser_like: FlaskClient, someone: Someone) -> None:
    for role, status in ((Role.WAREHOUSE, 200), (Role.CASEWORKER, 200), (Role.ADMINISTRATOR, 403)):
        someone.actor = person(role)
        assert browser_like.get("/stock-or-cases").status_code == status


def test_all_permissions_are_needed_where_several_are_required() -> None:
    asked = access.Access(access.Rule.ALL, (Permission.STOCK_READ, Permission.HOUSEHOLD_READ))
    assert not asked.allows(person(Role.WAREHOUSE))


def test_the_judgement_comes_before_the_address_is_read(web_app: Flask, someone: Someone) -> None:
    @web_app.get("/cases/<int:number>")
    @access.requires(Permission.HOUSEHOLD_READ)
    def case(number: int) -> str:
        raise AssertionError("the view must not run")

    assert web_app.test_client().get("/cases/5").status_code == 403


def test_a_program_with_a_token_is_let_in(web_app: Flask, someone: Someone) -> None:
    someone.actor = None
    someone.tokens["right"] = person(Role.WAREHOUSE)

    @web_app.get("/api/v1/levels")
    @access.requires(Permission.STOCK_READ)
    def levels() -> str:
        return access.current_actor().label

    client = web_app.test_client()
    assert client.get("/api/v1/levels", headers={"Authorization": "Bearer right"}).text == "olena"
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic right"}):
        answer = client.get("/api/v1/levels", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.get_json()["code"] == "sign_in_needed"


def test_a_wrong_token_is_not_saved_by_a_cookie(web_app: Flask) -> None:
    @web_app.get("/api/v1/levels")
    @access.requires(Permission.STOCK_READ)
    def levels() -> str:
        return "never"

    answer = web_app.test_client().get("/api/v1/levels", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "", None,
     "/sign-in", "/sign-in?next=/x", "/sign-out", "\\\\evil", "/x\\y", " /x"],
)  # fmt: skip
def test_nobody_is_led_away_or_in_circles(target: str | None) -> None:
    assert access.safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/stock", "/stock?item=1&page=2", "/sign-in-book"])
def test_an_address_of_ours_is_kept(target: str) -> None:
    assert access.safe_next(target) == target


def test_a_bare_route_stops_the_start(web_app: Flask) -> None:
    access.check_routes(web_app)

    @web_app.get("/forgotten")
    def forgotten() -> str:
        return ""

    with pytest.raises(RuntimeError, match=r"forgotten GET /forgotten"):
        access.check_routes(web_app)


def test_a_bare_method_of_a_class_stops_the_start(web_app: Flask) -> None:
    from flask.views import MethodView

    class Thing(MethodView):
        @access.public
        def get(self) -> str:
            return ""

        def delete(self) -> str:
            return ""

    web_app.add_url_rule("/thing", view_func=Thing.as_view("thing"))
    with pytest.raises(RuntimeError, match="thing DELETE"):
        access.check_routes(web_app)


def test_an_undeclared_route_added_late_answers_nobody(web_app: Flask) -> None:
    @web_app.get("/late")
    def late() -> str:
        raise AssertionError("the view must not run")

    assert web_app.test_client().get("/late").status_code == 403


def test_requests_inside_one_app_context_do_not_share_who_asks(
    web_app: Flask, browser_like: FlaskClient, someone: Someone
) -> None:
    with web_app.app_context():
        assert "Вийти" in browser_like.get("/help").text
        someone.actor = person(language="en")
        assert "Sign out" in browser_like.get("/help").text
        someone.actor = None
        assert browser_like.get("/cases").status_code == 303
