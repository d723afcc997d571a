"""The decorator that applies a requirement table to the constructor of a class."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from soc2_constructs.hardening.context import Around, PropsContext
from soc2_constructs.hardening.locations import record_location
from soc2_constructs.hardening.table import Hardening

from constructs import Construct

T = TypeVar("T")

#: The number of nested constructors of this library that are running.
_depth = 0


@contextmanager
def building() -> Iterator[None]:
    """Within this context `enforce` completes no construct: drop-in classes and helpers comply already."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def is_building() -> bool:
    """Whether a constructor of this library is running."""
    return _depth > 0


def hardened(table: Hardening, around: Around | None = None) -> Callable[[type[T]], type[T]]:
    """Apply a requirement table to the arguments of a constructor.

    The signature stays that of the CDK's class, for type checkers, editors and `help()`.

    Args:
        table: The requirements.
        around: Replaces the constructor, for features of the drop-in class that `enforce` does not add. It must call
            the constructor itself. Default: none.
    """

    def harden(cls: type[T]) -> type[T]:
        inherited: Any = cls.__init__

        @functools.wraps(table.construct.__init__)
        def __init__(self: Any, scope: Construct, id: str, **props: Any) -> None:
            record_location(scope, id)
            with building():
                context = table.fill(props, scope, id)
                if table.before is not None:
                    table.before(context)
                _create(self, context)
                if table.after is not None:
                    table.after(self, context)

        def _create(self: Any, context: PropsContext) -> None:
            def init(final: dict[str, Any]) -> None:
                inherited(self, context.scope, context.id, **final)

            if around is None:
                init(context.props)
            else:
                around(self, init, context)

        cls.__init__ = __init__  # type: ignore[assignment]
        cls.hardening = table  # type: ignore[attr-defined]
        return cls

    return harden
