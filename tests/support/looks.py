"""What is looked at on every screen of a story at the counter: by people in pictures, by axe, by a thumb."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from tests.support.accessibility import CONTRAST, breaches

# What a thumb is asked to hit and is lower or narrower than 64 px.
SMALL_TARGETS = """
(root) => ["button", "a", "select", "input:not([type=radio], [type=hidden])", ".choice"]
  .flatMap((kind) => [...document.querySelectorAll(`${root} ${kind}`)])
  .filter((one) => one.checkVisibility())
  .map((one) => [one.dataset.part ?? one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 63.9 || box.width < 63.9)
  .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)
"""
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility())
  .map((one) => `over the edge: ${one.outerHTML.slice(0, 80)}`)"""


@dataclass
class Looks:
    """Collects what is wrong at each screen; a fixture asserts that nothing was found."""

    shot: Callable[[Page, str], Path]
    contrast: tuple[str, ...] = CONTRAST
    found: dict[str, list[str]] = field(default_factory=dict)

    def at(
        self, page: Page, name: str, *, axe: Literal["all", "colours", "no"] = "all", root: str = "#counter"
    ) -> None:
        """In the dark only the colours are others, so only they are asked after again.

        Args:
            axe: `colours` where the same elements were looked at before and only the tone is another.
        """
        self.shot(page, name)
        wrong = [*page.evaluate(SMALL_TARGETS, root)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong += page.evaluate(WIDE)
        if axe != "no":
            wrong += breaches(page, contrast=self.contrast, rest=axe == "all")
            page.emulate_media(color_scheme="dark")
            wrong += breaches(page, contrast=self.contrast, rest=False)
            page.emulate_media(color_scheme="light")
        if wrong:
            self.found[name] = wrong
