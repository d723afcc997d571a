"""Who may use the default key of a stack: the principals that a service authorizes, or only those with a grant."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from constructs import IConstruct

#: The context key for the access to the default keys.
KEY_ACCESS = "soc2:key-access"
#: The values: `account` lets in the principals of the account that the service authorizes, `grants` no one but those
#: with a permission for the key.
ACCESSES = ("account", "grants")

_chosen: WeakKeyDictionary[IConstruct, str] = WeakKeyDictionary()


def choose_key_access(scope: IConstruct, access: str) -> None:
    """Set the access to the default keys below a scope.

    Raises:
        ValueError: the access is neither `account` nor `grants`.
    """
    _chosen[scope] = _checked(access, "key_access")


def key_access(scope: IConstruct) -> str:
    """The access to the default key of a stack: `account` by default.

    Raises:
        ValueError: the value of the context key `soc2:key-access` is neither `account` nor `grants`.
    """
    for ancestor in reversed(scope.node.scopes):
        if ancestor in _chosen:
            return _chosen[ancestor]
    return _checked(scope.node.try_get_context(KEY_ACCESS) or "account", f"the context key {KEY_ACCESS}")


def _checked(access: object, place: str) -> str:
    if access not in ACCESSES:
        raise ValueError(f'{place} is {access!r}; it must be "account" or "grants".')
    return str(access)
