"""A page of every shared piece, for the browser to look at."""

from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue

from aidtrack.kernel.actor import Actor, Permission
from aidtrack.web import CardLink, HomeCard, NavItem, Page, access, add_home_cards, add_nav

PIECES = """{% extends "base.html" %}
{% from "macros.html" import badge, button, confirm, crumb, empty, facts, pager, progress, submit, table %}
{% block title %}Рис{% endblock %}{% block heading %}Рис довгозернистий{% endblock %}
{% block crumbs %}{{ crumb("Склад", "/receive") }}{{ crumb("Рис") }}{% endblock %}
{% block actions %}{{ button("Перемістити", "/receive") }}{{ button("Прийняти", "/receive", tone="") }}{% endblock %}
{% block content %}
{{ facts([("Залишок", qty(29378000, "g")), ("Донор", "Всесвітня продовольча програма ООН")]) }}
{% call table("Рух", ["Дата", "Документ", "Прибуло", "Вибуло", "Залишок", "Стан"], numeric=[2, 3, 4]) %}
{% for tone in ("good", "warn", "bad", "info", "neutral") %}
<tr><td class="nowrap">0{{ loop.index }}.09.2022</td><td>ПРБ-2022-000{{ loop.index }} від донора</td>
<td class="num">{{ qty(25000 * 137, "g") }}</td><td class="num">{{ qty(0, "g") }}</td>
<td class="num">{{ qty(29378000, "g") }}</td><td>{{ badge("прийнято", tone) }}</td></tr>
{% endfor %}
{% endcall %}
{{ pager(page) }}
{{ progress(120, 400, "Видано ваучерів") }}
{% call confirm("void", "Анулювати…", "Анулювати цей ваучер?") %}
<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<p>Його вже не можна буде використати.</p>{{ submit("Анулювати", tone="danger") }}</form>
{% endcall %}
{{ empty("Ще немає партій", "Прийміть першу поставку.", ("Прийняти допомогу", "/receive")) }}
{% endblock %}"""


def cards(actor: Actor) -> list[HomeCard]:
    links = (CardLink("Відкрити видачу", "/receive", main=True), CardLink("Аркуш для друку", "/receive"))
    return [
        HomeCard("Роздача R-2022-12", "Сьогодні до 17:00.", links, (("Ваучерів", "120 із 400"),), 10, "good"),
        HomeCard("Мало: олія", "Залишку вистачить на 2 дні.", order=20, tone="warn"),
    ]


def add_gallery(app: Flask) -> None:
    add_nav(
        app,
        NavItem("Склад", "receive", Permission.STOCK_READ, 10),
        NavItem("Справи", "cases", Permission.HOUSEHOLD_READ, 20),
        NavItem("Зразки", "pieces", None, 30),
    )
    add_home_cards(app, cards)

    @app.get("/pieces")
    @access.public
    def pieces() -> ResponseReturnValue:
        return render_template_string(PIECES, page=Page([1] * 25, 3, 1741))
