"""Translate property values between Python and jsii.

A property injector receives and returns properties by their jsii names. Enums are their JavaScript values and structs
are dicts: `{"encryption": "KMS", "lifecycleRules": [{"abortIncompleteMultipartUploadAfter": …}]}`.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

import aws_cdk as cdk
from constructs import Construct


@functools.cache
def type_of(struct: Any, name: str) -> Any:
    """The type of a member of a struct.

    jsii writes some annotations as text, which must be evaluated one by one: not all of them can be evaluated.
    """
    holder = type("Holder", (), {"__annotations__": {name: struct.__init__.__annotations__.get(name, Any)}})
    return get_type_hints(holder, globalns=struct.__init__.__globals__)[name]


def to_python(hint: Any, value: Any, scope: Construct) -> Any:
    """A value of jsii as a Python value: enums as members, structs as dicts by Python names."""
    hint = _relevant(hint)
    if isinstance(value, dict) and _is_struct(hint):
        names = {jsii_name: name for name, jsii_name in hint.__jsii_name_mapping__.items()}
        return {
            names[name]: to_python(type_of(hint, names[name]), each, scope)
            for name, each in value.items()
            if name in names and each is not None
        }
    if isinstance(value, (list, dict)) and (arguments := get_args(hint)):
        if isinstance(value, list):
            return [to_python(arguments[-1], each, scope) for each in value]
        return {key: to_python(arguments[-1], each, scope) for key, each in value.items()}
    if _is_enum(hint) and isinstance(value, (str, int, float)):
        return _members(hint, scope).get(value, value)
    return value


def to_jsii(hint: Any, value: Any) -> Any:
    """A Python value as jsii expects it from an injector: structs as dicts by jsii names."""
    hint = _relevant(hint)
    if isinstance(value, dict) and _is_struct(hint):
        names = hint.__jsii_name_mapping__
        return {names.get(name, name): to_jsii(type_of(hint, name), each) for name, each in value.items()}
    if isinstance(value, (list, dict)) and (arguments := get_args(hint)):
        if isinstance(value, list):
            return [to_jsii(arguments[-1], each) for each in value]
        return {key: to_jsii(arguments[-1], each) for key, each in value.items()}
    return value


def _relevant(hint: Any) -> Any:
    """The member of a union that decides the translation: a struct or an enum if there is one."""
    if get_origin(hint) is not Union:
        return hint
    options = get_args(hint)
    return next((each for each in options if _is_struct(each) or _is_enum(each)), options[0])


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "__jsii_name_mapping__")


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, enum.Enum)


#: The members of each enum by their JavaScript values.
_enums: dict[Any, dict[Any, Any]] = {}


def _members(kind: Any, scope: Construct) -> Mapping[Any, Any]:
    """The members of an enum by their JavaScript values, which only Node can resolve."""
    if kind not in _enums:
        members = list(kind)
        _enums[kind] = dict(zip(cdk.Stack.of(scope).resolve(members), members, strict=True))
    return _enums[kind]
