"""`dataclass`, as the standard library's, but its methods are written when the first of them is needed.

The standard library writes and compiles eight functions for each dataclass where it stands: for our five
hundred a fifth of a start, most of it for classes the process never uses. Here a class stands with its slots at
once, and `dataclasses.dataclass` itself makes the rest with the first instance or the first question for its
fields. What it would refuse, such as a field without a default behind one that has it, is refused then too;
mypy, which takes the one for the other, says so before.
"""

import dataclasses
from collections.abc import Callable
from inspect import get_annotations
from threading import RLock
from typing import TYPE_CHECKING, Any

# What may be asked of a class that has no instance yet, or of an instance that was unpickled.
METHODS = (
    "__init__", "__repr__", "__eq__", "__hash__", "__setstate__", "__match_args__", "__dataclass_fields__",
    "__dataclass_params__",
)  # fmt: skip

_one_at_a_time = RLock()  # not a plain lock: finishing a class finishes those it inherits from


class _Late:
    """Stands where a method will stand; whoever asks for it has the class finished first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.finish: Callable[[], None]

    def __get__(self, instance: object, owner: type) -> Any:
        self.finish()
        return getattr(owner if instance is None else instance, self.name)


def late_dataclass(*, frozen: bool = False, slots: bool) -> Callable[[type], type]:
    """Decorate a class whose fields are its annotations, each of them a slot."""
    assert slots, "a class without slots is the standard library's matter"
    return lambda plain: _with_late_methods(plain, frozen=frozen)


def _with_late_methods(plain: type, *, frozen: bool) -> type:
    fields = get_annotations(plain)
    kept = {
        name: value for name, value in vars(plain).items() if name not in (*fields, "__dict__", "__weakref__")
    }
    inherited = {name for base in plain.__mro__[1:] for name in vars(base).get("__slots__", ())}
    late = {name: _Late(name) for name in METHODS if kept.get(name) is None}
    slots = tuple(name for name in fields if name not in inherited)
    made = type(plain)(plain.__name__, plain.__bases__, {**kept, **late, "__slots__": slots})
    made.__qualname__ = plain.__qualname__

    def finish() -> None:
        with _one_at_a_time:
            if vars(made)["__dataclass_fields__"] is not late["__dataclass_fields__"]:
                return  # by another thread, meanwhile
            whole = vars(dataclasses.dataclass(frozen=frozen, slots=True)(plain))
            for name, value in whole.items():
                if name in late or name not in vars(made):
                    setattr(made, name, value)
            for name in late.keys() - whole.keys():
                delattr(made, name)

    for one in late.values():
        one.finish = finish
    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = late_dataclass
