"""Assertions for unit tests of infrastructure.

    from soc2_constructs.testing import assert_compliant

    def test_the_shop_complies() -> None:
        assert_compliant(Shop(cdk.App(), "Shop"))

The import is cheap: the CDK is used only for constructs, and then it is already imported.
"""

from __future__ import annotations

import os
import sys

from soc2_constructs.audit import FAIL_ON, audit, validate_options
from soc2_constructs.cloudformation import document_assembly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
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
    thresholds: Mapping[str, float | Sequence[float]] | None = None,
    waivers: Iterable[Waiver] | str | os.PathLike[str] = (),
) -> None:
    """Assert that there is nothing to fix. Acknowledged and waived results do not fail.

    Args:
        subject: A stack, an app, a stage or any other construct, whose whole app is synthesized; a template, as
            `aws_cdk.assertions.Template` or as plain data; or the path of a cdk.out, a folder or a template.
        categories: Trust services categories in scope; Security is always included. Default: all.
        include: Only these control ids. Default: all.
        exclude: All but these control ids. Default: none.
        fail_on: Minimum severity that fails: `"high"`, `"medium"`, `"low"` or `"none"`. Default `"medium"`.
        strict: Whether unresolved results fail too. Default False.
        thresholds: Values for the thresholds of controls, in days: `{"log_retention_days": 400}`. Default: those of the
            catalogue.
        waivers: Waivers in addition to those in the app, or a file of them. Default: none.

    Raises:
        AssertionError: There are findings to fix; the message lists them with place and fix.
        ValueError: An option is invalid, or the subject cannot be audited.
    """
    # pytest then ends the stack trace with the line of the test.
    __tracebackhide__ = True
    outcome = _audited(
        subject,
        fail_on,
        categories=categories,
        include=include,
        exclude=exclude,
        thresholds=thresholds,
        waivers=waivers,
    )
    if outcome.failures(fail_on, strict=strict):
        from soc2_constructs.reports import Settings
        from soc2_constructs.reports.table import brief

        text = brief(outcome, Settings(fail_on=fail_on, strict=strict))
        raise AssertionError(f"not compliant\n\n{text.rstrip()}")


def findings(
    subject: Subject,
    *,
    categories: Collection[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    fail_on: str = FAIL_ON,
    strict: bool = False,
    thresholds: Mapping[str, float | Sequence[float]] | None = None,
    waivers: Iterable[Waiver] | str | os.PathLike[str] = (),
) -> list[Result]:
    """Return the results that make `assert_compliant` fail, for tests that expect failures.

    The arguments, defaults and errors are those of `assert_compliant`.
    """
    outcome = _audited(
        subject,
        fail_on,
        categories=categories,
        include=include,
        exclude=exclude,
        thresholds=thresholds,
        waivers=waivers,
    )
    return outcome.failures(fail_on, strict=strict)


def _audited(
    subject: Any, fail_on: str, *, waivers: Iterable[Waiver] | str | os.PathLike[str], **options: Any
) -> Audit:
    validate_options(**options, fail_on=fail_on)
    if isinstance(waivers, (str, os.PathLike)):
        from soc2_constructs.waivers import read_waivers

        waivers = read_waivers(os.fspath(waivers))
    options["waivers"] = waivers
    if isinstance(subject, (str, os.PathLike)):
        return audit(subject, **options)
    if isinstance(subject, dict):
        return audit(assembly=document_assembly(subject), **options)
    if _is_a(subject, "aws_cdk.assertions", "Template"):
        # The CDK renders a stack without resources without this section.
        return audit(assembly=document_assembly({"Resources": {}, **subject.to_json()}), **options)
    if _is_a(subject, "constructs", "Construct"):
        from soc2_constructs.pack import audit_scope

        return audit_scope(subject, **options)
    raise ValueError(
        f"a {type(subject).__name__} cannot be audited; pass a construct, a template, or the path of either"
    )


def _is_a(subject: object, module: str, name: str) -> bool:
    """Return whether a value is an instance of a class of the CDK. Without its module imported there are none."""
    type_ = getattr(sys.modules.get(module), name, None)
    return type_ is not None and isinstance(subject, type_)
