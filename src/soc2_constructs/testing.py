"""For the unit tests of infrastructure.

    from soc2_constructs.testing import assert_compliant

    def test_the_shop_complies() -> None:
        assert_compliant(Shop(cdk.App(), "Shop"))

Importing this costs nothing: the CDK is loaded only where a construct is context, and then it is loaded already.
"""

from __future__ import annotations

import os
import sys

from soc2_constructs.audit import FAIL_ON, audit, validate_options
from soc2_constructs.cloudformation import Assembly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from aws_cdk.assertions import Template
    from constructs import IConstruct

    from soc2_constructs.audit import Audit, Result
    from soc2_constructs.waivers import Waiver

    Subject = IConstruct | Template | Mapping[str, Any] | str | os.PathLike[str]


def assert_compliant(
    subject: Subject,
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    fail_on: str = FAIL_ON,
    strict: bool = False,
    thresholds: Mapping[str, float] | None = None,
    waivers: Iterable[Waiver] | str | os.PathLike[str] = (),
) -> None:
    """Assert that nothing has to be fixed. What is acknowledged or waived does not fail.

    Args:
        subject: A stack, an app, a stage or any other construct, whose whole app is synthesized for it; a template, as
            `aws_cdk.assertions.Template` or as plain data; or the path of a cdk.out, a folder or a template.
        categories: Trust services categories committed to; Security always counts. Default: all.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        fail_on: The least severity that fails: `"high"`, `"medium"`, `"low"` or `"none"`. Default `"medium"`.
        strict: Whether what a template leaves open fails as well. Default False.
        thresholds: Values for the thresholds of controls: `{"log_retention_days": 400}`.
        waivers: Waivers beside those in the app, or the file that holds them. Default: none.

    Raises:
        AssertionError: where something has to be fixed; it says what, where, and what to type.
        ValueError: where an option is wrong, or the subject cannot be judged.
    """
    # The end of a stack trace that pytest shows is then the line of the test.
    __tracebackhide__ = True
    found = _judged(
        subject,
        fail_on,
        categories=categories,
        include=include,
        exclude=exclude,
        thresholds=thresholds,
        waivers=waivers,
    )
    if found.failures(fail_on, strict=strict):
        from soc2_constructs.reports import Settings
        from soc2_constructs.reports.table import brief

        text = brief(found, Settings(fail_on=fail_on, strict=strict))
        raise AssertionError(f"not compliant\n\n{text.rstrip()}")


def findings(
    subject: Subject,
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    fail_on: str = FAIL_ON,
    strict: bool = False,
    thresholds: Mapping[str, float] | None = None,
    waivers: Iterable[Waiver] | str | os.PathLike[str] = (),
) -> list[Result]:
    """What `assert_compliant` would fail of a subject, for a test that expects it; the arguments are the same."""
    found = _judged(
        subject,
        fail_on,
        categories=categories,
        include=include,
        exclude=exclude,
        thresholds=thresholds,
        waivers=waivers,
    )
    return found.failures(fail_on, strict=strict)


def _judged(subject: Any, fail_on: str, *, waivers: Iterable[Waiver] | str | os.PathLike[str], **options: Any) -> Audit:
    validate_options(**options, fail_on=fail_on)
    if isinstance(waivers, (str, os.PathLike)):
        from soc2_constructs.waivers import read_waivers

        waivers = read_waivers(os.fspath(waivers))
    options["waivers"] = waivers
    if isinstance(subject, (str, os.PathLike)):
        return audit(subject, **options)
    if isinstance(subject, dict):
        return audit(assembly=Assembly.of_document(subject), **options)
    if _is_a(subject, "aws_cdk.assertions", "Template"):
        # The CDK writes a stack without resources like this.
        return audit(assembly=Assembly.of_document({"Resources": {}, **subject.to_json()}), **options)
    if _is_a(subject, "constructs", "Construct"):
        from soc2_constructs.pack import audit_scope

        return audit_scope(subject, **options)
    raise ValueError(
        f"a {type(subject).__name__} cannot be judged: give a construct, a template, or the path of one or of a cdk.out"
    )


def _is_a(subject: object, module: str, name: str) -> bool:
    """Whether it is an instance of a class of the CDK's; where that module is not loaded, nobody can have made one."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(subject, kind)
