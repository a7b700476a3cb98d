"""What axe-core has against a page: one way to ask it, for every story."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

from tests.support.serving import AXE

SERIOUS = frozenset({"serious", "critical"})
EVERYTHING: frozenset[str | None] = frozenset({None, "minor", "moderate", *SERIOUS})
CONTRAST = ("color-contrast",)
SUNLIGHT = (*CONTRAST, "color-contrast-enhanced")  # what is read in the sun
# Of what axe finds only breaches come back. Contrast takes it four fifths of its time, one text after another: of
# texts that look alike in all that it weighs, from their own colours to those of the ground far below, it is asked
# about one in sight; and about none that it let pass in this process before.
ASK = """async ({rest, contrast, known}) => {
  const how = {preload: false, selectors: false, resultTypes: ["violations"]};
  const told = ({violations}) => violations.map(({id, impact, nodes}) => [id, impact, nodes.map((node) =>
    `${node.html.slice(0, 160)} ${JSON.stringify(node.any.slice(0, 1).map((why) => why.message))}`)]);
  const off = Object.fromEntries(["color-contrast", "color-contrast-enhanced"].map((rule) => [rule, {enabled: false}]));
  const breaches = rest ? told(await axe.run(document, {...how, rules: off})) : [];
  const short = (text) => {  // FNV over two halves: what is known goes to and fro with every question
    let [a, b] = [0x811c9dc5, 0x1b873593];
    for (let at = 0; at < text.length; at += 1) {
      a = Math.imul(a ^ text.charCodeAt(at), 0x01000193);
      b = Math.imul(b ^ text.charCodeAt(at), 0x85ebca6b);
    }
    return (a >>> 0).toString(36) + (b >>> 0).toString(36);
  };
  const looks = new Map();
  const look = (one) => {
    if (!one) return "";
    if (!looks.has(one)) {
      const style = getComputedStyle(one);
      const own = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "position", "zIndex",
        "filter", "mixBlendMode", "textShadow", "overflow"].map((name) => style[name]);
      looks.set(one, `${own};${one.matches(":disabled, [aria-disabled=true]")};${one.control?.disabled}\\n${look(one.parentElement)}`);
    }
    return looks.get(one);
  };
  const texts = new Map();
  for (const one of document.body.querySelectorAll("*")) {
    const speaks = one.matches("input, select, textarea") || [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const {width, height} = one.getBoundingClientRect();
    if (!speaks || width < 3 || height < 3 || !one.checkVisibility({visibilityProperty: true})) continue;
    const key = `${contrast.length}${look(one)}`;
    if (!known.includes(key)) texts.set(key, [...(texts.get(key) ?? []), one].slice(0, 3));
  }
  if (!texts.size) return {breaches, passed: []};
  const found = await axe.run({include: [...texts.values()].flat()}, {...how, elementRef: true, resultTypes: ["violations", "passes"],
    runOnly: {type: "rule", values: contrast}});
  const good = found.passes.map(({nodes}) => new Set(nodes.map(({element}) => element)));
  const passed = [...texts].filter(([, some]) => good.length === contrast.length && good.every((set) => some.some((one) => set.has(one))));
  return {breaches: [...breaches, ...told(found)], passed: passed.map(([key]) => key)};
}"""
_passed: set[str] = set()


def breaches(
    page: Page,
    *,
    impacts: frozenset[str | None] = EVERYTHING,
    contrast: tuple[str, ...] = CONTRAST,
    rest: bool = True,
) -> list[str]:
    """Every breach of those impacts, as `rule: the first element's mark-up and what is wrong with it`.

    Args:
        contrast: the rules of colours that are asked.
        rest: whether all the others are; not where the page is the same and its colours alone are others.
    """
    if not page.evaluate("typeof axe === 'object'"):
        try:
            page.add_script_tag(url=AXE)
        except Error:  # no network, or no server of ours
            page.evaluate(AXE_SCRIPT)
    told = page.evaluate(ASK, {"rest": rest, "contrast": list(contrast), "known": list(_passed)})
    found = [f"{rule}: {nodes[0]}" for rule, impact, nodes in told["breaches"] if impact in impacts]
    if not found:
        _passed.update(told["passed"])
    return found


def expect_accessible(page: Page, name: str = "") -> None:
    """No breach of any kind, and nothing wider than the screen."""
    assert breaches(page) == [], name
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), (
        f"nothing hangs over the edge {name}"
    )
