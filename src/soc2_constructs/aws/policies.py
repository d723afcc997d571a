"""IAM policy documents: who may do what, on what, under which conditions."""

from __future__ import annotations

from soc2_constructs.aws.patterns import NAME, OPEN, as_pattern
from soc2_constructs.cloudformation.resource import Resource, Value
from soc2_constructs.cloudformation.values import Text, Unresolved
from soc2_constructs.cloudformation.verdicts import FAIL, Verdict, any_of, failed, passed, unresolved
from soc2_constructs.cloudformation.wildcards import patterns_overlap, wildcard_match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


#: Services that a statement has to cover one by one to be about all of them: those with data and with permissions.
SERVICES = (
    "cloudformation",
    "dynamodb",
    "ec2",
    "iam",
    "kms",
    "lambda",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
)


class Statement:
    """One statement of a policy document, its intrinsic functions evaluated.

    Args:
        value: The statement.
        source: Where it comes from, as messages name it. Default: a statement of the template.
    """

    __slots__ = ("_body", "path", "source", "value")

    def __init__(self, value: Value, source: str = "a statement") -> None:
        self.value = value
        self.path = value.path
        self.source = source
        self._body: dict[str, Any] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The evaluated statement; empty where it is unresolved."""
        if self._body is None:
            body = self.value.known
            self._body = body if type(body) is dict else {}
        return self._body

    @property
    def allows(self) -> bool:
        return self.body.get("Effect") == "Allow"

    @property
    def denies(self) -> bool:
        return self.body.get("Effect") == "Deny"

    @property
    def actions(self) -> list[Any]:
        return _listed(self.body.get("Action"))

    @property
    def resources(self) -> list[Any]:
        return _listed(self.body.get("Resource"))

    def covers_every_resource(self) -> Verdict:
        """Whether the statement is about every resource: ``*``, ARNs of nothing but wildcards, or NotResource.

        A list of such ARNs, each for some services, is about every resource where it covers SERVICES.
        """
        verdict = self._reaches(lambda service, name: not service.strip(_ANY) and not name.strip(_ANY))
        if verdict.status is FAIL:
            arns = [arn for resource in self.resources if (arn := _arn(resource)) is not None]
            services = [service for service, name in arns if not name.strip(_ANY)]
            if all(any(wildcard_match(pattern, service) for pattern in services) for service in SERVICES):
                return passed("it is about every resource of each service")
        return verdict

    def covers_unnamed_resources(self, service: str = "*") -> Verdict:
        """Whether the statement is about resources that it does not name: ``*``, ``arn:aws:iam::*:role/*``.

        Args:
            service: The service that the resources belong to, as ARNs spell it. Default: any.
        """
        return self._reaches(
            lambda found, name: patterns_overlap(found.replace(OPEN, "*"), service) and not _is_name(name, found)
        )

    def _reaches(self, accepts: Callable[[str, str], bool]) -> Verdict:
        if "NotResource" in self.body:
            return passed("NotResource takes in everything else")
        verdicts = []
        for resource in self.resources:
            if (arn := _arn(resource)) is not None and accepts(*arn):
                if OPEN not in "".join(arn):
                    return passed("it is about resources that it does not name")
                verdicts.append(unresolved("a resource is known only at deployment"))
        return any_of(failed("the statement names its resources"), verdicts)

    @property
    def principals(self) -> list[Any]:
        """Every principal named, whatever its kind: ``"*"``, account ids, ARNs, services."""
        principal = self.body.get("Principal")
        if type(principal) is dict:
            return [item for named in principal.values() for item in _listed(named)]
        return _listed(principal)

    @property
    def conditions(self) -> dict[tuple[str, str], list[Any]]:
        """Condition values by operator and key, the key in lower case as IAM compares it."""
        block = self.body.get("Condition")
        found: dict[tuple[str, str], list[Any]] = {}
        for operator, keys in block.items() if type(block) is dict else ():
            for key, values in keys.items() if type(keys) is dict else ():
                found[operator, key.lower()] = _listed(values)
        return found

    def covers_action(self, action: str) -> Verdict:
        """Whether the statement is about an action such as ``s3:GetObject``; wildcards and NotAction count.

        An action with a wildcard, such as ``s3:*``, is covered where all that it stands for is.
        """
        if "NotAction" in self.body:
            # One action that is left out is enough for the whole not to be covered.
            return ~_matches(_listed(self.body["NotAction"]), action, patterns_overlap)
        return _matches(self.actions, action, wildcard_match)

    def is_for_everyone(self) -> Verdict:
        """Whether the principal is everyone: ``*``, ``{"AWS": "*"}``, or NotPrincipal in a statement that allows."""
        if "NotPrincipal" in self.body:
            return failed("it has a NotPrincipal") if self.denies else passed("NotPrincipal lets in everyone else")
        principal = self.body.get("Principal")
        named = _listed(principal.get("AWS")) if type(principal) is dict else _listed(principal)
        if "*" in named:
            return passed("the principal is everyone")
        # A pseudo parameter is an account or a part of an ARN, and never a wildcard.
        if any(_may_be_everyone(item) for item in [principal, *named]):
            return unresolved("the principal is known only at deployment")
        return failed("the principals are named")

    @property
    def malformed(self) -> str | None:
        """Why the statement cannot be judged, or None."""
        return self.value.unresolved or self._malformed()

    def _malformed(self) -> str | None:
        if self.body.get("Effect") not in ("Allow", "Deny"):
            return "its Effect is neither Allow nor Deny"
        block = self.body.get("Condition", {})
        for part in [block, *block.values()] if type(block) is dict else [block]:
            if type(part) is not dict:
                return part.reason if type(part) is Unresolved else "its Condition is not an object of objects"
        return None


def statements(document: Value) -> list[Statement]:
    """The statements of a policy document; an unresolved document or statement yields one that says so.

    Some properties take the document as JSON text.
    """
    parsed = document.parsed()
    if parsed.is_absent:
        return []
    if parsed.unresolved is not None:
        return [Statement(parsed)]
    return [Statement(item) for item in parsed["Statement"].each()]


def statements_of(resource: Resource, property: str) -> list[Statement]:
    """The statements of a resource's policy document.

    The verdict of a check that looks at no `Reference.resource` does not depend on which resources they name.
    """
    return statements(resource.shape(property))


def _may_be_everyone(principal: Any) -> bool:
    """Whether a principal may be ``*`` once it is deployed: an account, an ARN and an attribute never are."""
    pattern = as_pattern(principal) if type(principal) in (Unresolved, Text) else ""
    return OPEN in pattern and not pattern.strip(OPEN + "*")


def _listed(node: Any) -> list[Any]:
    if node is None:
        return []
    return node if type(node) is list else [node]


def _matches(patterns: list[Any], action: str, match: Callable[[str, str], bool]) -> Verdict:
    verdicts = []
    for pattern in patterns:
        if type(pattern) is str:
            if _covers(match, pattern, action):
                return passed("it covers {}", action)
        else:
            verdicts.append(unresolved("an action is known only at deployment"))
    return any_of(
        failed("the listed actions do not include {}", "every action" if action in ("*", "*:*") else action), verdicts
    )


def _covers(match: Callable[[str, str], bool], pattern: str, action: str) -> bool:
    return match(pattern.lower(), action.lower())


#: What names nothing in an ARN.
_ANY = "*?/:" + OPEN
#: Services whose ARNs have the name of a resource alone, without its type before it.
_UNTYPED = ("s3", "sns", "sqs")


def _arn(node: Any) -> tuple[str, str] | None:
    """The service of a resource's ARN, and the part that names the resource; None where it is surely a named one."""
    text = ""
    for part in node.parts if type(node) is Text else (node,):
        if type(part) is str:
            text += part
        else:
            whole = type(part) is Unresolved and (part is node or not part.present)
            text += OPEN if whole else NAME
    if text.startswith(OPEN):
        return OPEN, OPEN
    if not text.strip("*?:"):
        return "*", "*"
    fields = text.split(":", 5)
    if not wildcard_match(fields[0], "arn"):
        return None
    # A wildcard at the end stands for the fields behind it as well.
    end = fields[-1][-1:]
    fields += [end if end in ("*", OPEN) else ""] * (6 - len(fields))
    return fields[2], fields[5]


def _is_name(text: str, service: str) -> bool:
    """Whether the last part of an ARN names something, other than ``*``, ``role/*`` or ``function:*``."""
    named = text
    for end, letter in enumerate(text):
        # The text before these is the type of the resource, except in ARNs without a type, such as `bucket/key`.
        if letter in "/:*?" and service not in _UNTYPED:
            named = text[end + 1 :]
            break
    return not text or any(letter not in _ANY for letter in named)
