"""Formats of well-known secrets: access keys, tokens, private keys, and passwords in URLs.

Examples of documentation are not secrets: texts that contain `EXAMPLE`, such as AKIAIOSFODNN7EXAMPLE of AWS, and texts
of few different characters, such as `ghp_xxxxxxxx…`.
"""

from __future__ import annotations

import re

#: The name of a format, a lower-case text that each such secret contains, and the pattern, whose group is the secret.
_FORMATS = tuple(
    (name, marker, re.compile(pattern))
    for name, marker, pattern in (
        ("an AWS access key id", "akia", r"(?<![A-Za-z0-9])AKIA([A-Z2-7]{16})(?![A-Za-z0-9])"),
        (
            "an AWS secret access key",
            "secret",
            r"(?i:aws_?)?(?i:secret_?(?:access_?)?key)[\"']?\s*[=:]\s*[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        ),
        ("a GitHub token", "gh", r"(?<![A-Za-z0-9])gh[opsur]_([A-Za-z0-9]{36,})"),
        ("a GitHub token", "github_pat_", r"github_pat_([A-Za-z0-9_]{60,})"),
        ("a GitLab token", "glpat-", r"glpat-([A-Za-z0-9_-]{20,})"),
        ("a Slack token", "xox", r"(?<![A-Za-z0-9])xox[abeoprs]-([A-Za-z0-9-]{20,})"),
        ("a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/([A-Za-z0-9]{20,})"),
        ("a Stripe key", "k_live_", r"(?<![A-Za-z0-9])[rs]k_live_([A-Za-z0-9]{20,})"),
        ("a Google API key", "aiza", r"(?<![A-Za-z0-9])AIza([A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])"),
        ("an npm token", "npm_", r"(?<![A-Za-z0-9])npm_([A-Za-z0-9]{36})(?![A-Za-z0-9])"),
        ("a PyPI token", "pypi-", r"(?<![A-Za-z0-9])pypi-([A-Za-z0-9_-]{80,})"),
        ("a SendGrid key", "sg.", r"(?<![A-Za-z0-9])SG\.([A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])"),
        (
            "a private key",
            "private key",
            r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])+([A-Za-z0-9+/=]{32,})",
        ),
        (
            "a JSON Web Token",
            "eyj",
            r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.([A-Za-z0-9_-]{20,})",
        ),
        ("a password in a URL", "://", r"[a-z]://[^\s:/@\"'<>{}$]*:([^\s:/@\"'<>{}$*]{3,})@[^\s/@]"),
    )
)
#: A secret has at least so many different characters; a placeholder, such as `xxxx`, has fewer.
_VARIETY = 4
#: Passwords in the URLs of documentation and templates.
_PLACEHOLDERS = ("changeme", "pass", "password", "passwd", "pwd", "secret", "token", "user")


def secret_format(text: str) -> str | None:
    """The format of the first secret in a text, such as `"a GitHub token"`; None where there is none.

    The secret itself is not part of the result.
    """
    lowered = text.lower()
    for name, marker, pattern in _FORMATS:
        if marker in lowered:
            for match in pattern.finditer(text):
                if not _is_example(match[0], match[1]):
                    return name
    return None


def _is_example(whole: str, secret: str) -> bool:
    return "EXAMPLE" in whole.upper() or len(set(secret)) < _VARIETY or secret.lower() in _PLACEHOLDERS
