"""The JSON API: one description, one shape of errors, tokens for programs and the page's token for pages."""

import marshmallow as ma
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.views import MethodView

from aidtrack.kernel.actor import Permission
from aidtrack.web import access, api_blueprint, register_api
from tests.web.support import Someone, person, token_in


class Order(ma.Schema):
    units = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1))


@pytest.fixture
def client(web_app: Flask) -> FlaskClient:
    bp = api_blueprint("orders", __name__, description="for tests", url_prefix="/orders")

    @bp.route("/")
    class Orders(MethodView):
        @access.requires(Permission.STOCK_READ)
        @bp.response(200, Order)
        def get(self) -> dict[str, int]:
            return {"units": 5}

        @access.requires(Permission.STOCK_RECEIVE)
        @bp.arguments(Order)
        @bp.response(201, Order)
        def post(self, order: dict[str, int]) -> dict[str, int]:
            return order

    register_api(web_app, bp)
    access.check_routes(web_app)
    return web_app.test_client()


def test_the_description_speaks_of_every_route_and_of_tokens(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]["/api/v1/orders/"]) >= {"get", "post"}
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "code" in described["components"]["schemas"]["Problem"]["properties"]


def test_a_token_writes(client: FlaskClient, someone: Someone) -> None:
    someone.actor, someone.tokens["t"] = None, person()
    answer = client.post("/api/v1/orders/", json={"units": 3}, headers={"Authorization": "Bearer t"})
    assert (answer.status_code, answer.get_json()) == (201, {"units": 3})


def test_a_cookie_alone_reads_but_does_not_write(client: FlaskClient) -> None:
    assert client.get("/api/v1/orders/").status_code == 200
    answer = client.post("/api/v1/orders/", json={"units": 3})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "form_not_verified")


def test_a_page_of_ours_writes_with_its_token(client: FlaskClient) -> None:
    token = token_in(client.get("/help").text)
    answer = client.post("/api/v1/orders/", json={"units": 3}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_permission_is_judged_before_the_body_is_read(client: FlaskClient, someone: Someone) -> None:
    someone.actor = None
    assert client.post("/api/v1/orders/", json={"units": "x"}).status_code == 401


def test_a_bad_body_is_named_field_by_field_without_echoing_it(client: FlaskClient, someone: Someone) -> None:
    someone.tokens["t"] = person()
    answer = client.post("/api/v1/orders/", json={"units": "Шевченко"}, headers={"Authorization": "Bearer t"})
    assert answer.status_code == 422
    body = answer.get_json()
    assert body["code"] == "invalid_body"
    assert "units" in body["facts"]["json"]
    assert "Шевченко" not in answer.text


@pytest.mark.parametrize("body", ["{", "[1,2", '{"units": 1e999}', ""])
def test_a_body_that_is_no_json_is_refused(client: FlaskClient, someone: Someone, body: str) -> None:
    someone.tokens["t"] = person()
    headers = {"Authorization": "Bearer t", "Content-Type": "application/json"}
    answer = client.post("/api/v1/orders/", data=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert set(answer.get_json()) == {"code", "message", "facts"}


def test_a_wrong_method_says_which_are_right(client: FlaskClient, someone: Someone) -> None:
    answer = client.delete("/api/v1/orders/")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert answer.get_json()["code"] == "method_not_allowed"
