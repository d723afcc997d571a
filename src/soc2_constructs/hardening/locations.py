"""The source line of the app that created each construct."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from constructs import IConstruct

from soc2_constructs.cloudformation import sources

#: By scope and id: the source line that created the construct.
_locations: WeakKeyDictionary[IConstruct, dict[str, str]] = WeakKeyDictionary()
#: The scopes that are not yet sorted by app, and those of each app.
_new_scopes: list[IConstruct] = []
_scopes_of: WeakKeyDictionary[IConstruct, list[IConstruct]] = WeakKeyDictionary()


def record_location(scope: IConstruct, id: str) -> None:
    """Record the source line of the app that is running as the one that creates a construct.

    The function makes no call to Node, so it takes microseconds.
    """
    if not sources.wanted():
        return
    location = sources.here()
    if location is not None:
        known = _locations.get(scope)
        if known is None:
            known = _locations[scope] = {}
            _new_scopes.append(scope)
        known[id] = location


def places_below(root: IConstruct) -> dict[str, str]:
    """The source lines that created the constructs of an app, by construct path."""
    while _new_scopes:
        scope = _new_scopes.pop()
        _scopes_of.setdefault(scope.node.root, []).append(scope)
    return {
        "/".join(filter(None, (path, id))): location
        for scope in _scopes_of.get(root, ())
        for path in (scope.node.path,)
        for id, location in _locations[scope].items()
    }
