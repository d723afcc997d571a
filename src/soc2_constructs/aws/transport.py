"""Resource policies that reject requests without TLS."""

from __future__ import annotations

from soc2_constructs.cloudformation.verdicts import FAIL, Verdict, all_of, any_of, failed, passed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from soc2_constructs.aws.policies import Statement


def denies_plain_http(document: Sequence[Statement], action: str, *parts: Callable[[Statement], Verdict]) -> Verdict:
    """Whether the statements together deny everyone every request without TLS.

    Args:
        document: The statements of every policy of the resource.
        action: The denied action, such as `"s3:*"`.
        parts: For each part of the resource, whether a statement covers it: a bucket and its objects are two parts.

    Returns:
        A verdict that passes where each part is covered; each may be covered by another statement.
    """
    denials = [(statement, _denies(statement, action)) for statement in document]
    verdict = all_of(
        any_of(
            denial & covers(statement) if denial.status is not FAIL and not statement.malformed else denial
            for statement, denial in denials
        )
        for covers in parts
    )
    return verdict.with_pass_message("a policy denies every request without TLS")


def _denies(statement: Statement, action: str) -> Verdict:
    if statement.malformed:
        return unresolved("a statement of the policy is not known: {}", statement.malformed)
    insecure = {
        key: [str(value).lower() for value in values]
        for (operator, key), values in statement.conditions.items()
        if operator in ("Bool", "BoolIfExists")
    }
    # A second condition would still allow some requests over plain HTTP.
    if not statement.denies or insecure != {"aws:securetransport": ["false"]} or len(statement.conditions) > 1:
        return failed("the statement does not deny requests without TLS")
    return all_of(
        passed("the statement denies requests without TLS"),
        statement.is_for_everyone(),
        statement.covers_action(action),
    )
