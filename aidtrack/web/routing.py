"""Routes whose address builders are made when they are first needed.

Werkzeug compiles two functions for each rule when the rule is added, most of which a process never calls:
half the cost of building the application, which a start pays once and the tests pay a thousand times.
"""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LateRule(Rule):
    """A rule like any other; only the code behind `url_for` is compiled at the first call for it."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compile_now = super()._compile_builder
        built: Builder | None = None

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            nonlocal built
            if built is None:
                built = compile_now(append_unknown)
            return built(rule, **values)

        return build
