"""What axe-core has against a page: one way to ask it, for every story."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SERIOUS = frozenset({"serious", "critical"})
EVERYTHING: frozenset[str | None] = frozenset({None, "minor", "moderate", *SERIOUS})
# What is left to ask where only the colours are others than they were.
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# A story asks in the middle of a page's life: the half megabyte is read once for each document, and of what axe
# finds only breaches come back.
ASK = """(options) => axe.run({resultTypes: ["violations"], preload: false, selectors: false, ...options}).then((found) =>
  found.violations.map(({id, impact, nodes}) => [id, impact, nodes.map((node) =>
    `${node.html.slice(0, 160)} ${JSON.stringify(node.any.slice(0, 1).map((why) => why.message))}`)]))"""


def breaches(
    page: Page, *, impacts: frozenset[str | None] = EVERYTHING, options: dict[str, Any] | None = None
) -> list[str]:
    """Every breach of those impacts, as `rule: the first element's mark-up and what is wrong with it`."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(ASK, options or {})
    return [f"{rule}: {nodes[0]}" for rule, impact, nodes in found if impact in impacts]


def expect_accessible(page: Page, name: str = "") -> None:
    """No breach of any kind, and nothing wider than the screen."""
    assert breaches(page) == [], name
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (
        f"nothing hangs over the edge {name}"
    )
