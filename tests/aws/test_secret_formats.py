"""The formats of secrets. The secrets are made up, and joined here so that no scanner takes them for real ones."""

from __future__ import annotations

import pytest

from soc2_constructs.aws.secret_formats import secret_format
from soc2_constructs.cloudformation.secret_names import is_secret_name

MIXED = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7b"
UPPER = "Q2W3E4R5T6Y7UIOP"
SECRETS = {
    "an AWS access key id": ["AKIA" + UPPER, f'export AWS_ACCESS_KEY_ID="{"AKIA" + UPPER}"'],
    "an AWS secret access key": [
        f"aws_secret_access_key = {MIXED}",
        f"SecretAccessKey: {MIXED}",
        f'"secretKey": "{MIXED}"',
        f"AWS_SECRET_KEY={MIXED}",
    ],
    "a GitHub token": [*(f"gh{kind}_{MIXED}" for kind in "opsur"), "github_pat_" + MIXED + MIXED],
    "a GitLab token": ["glpat-" + MIXED[:20]],
    "a Slack token": [f"xox{kind}-123456789012-{MIXED[:20]}" for kind in "abeoprs"],
    "a Slack webhook": ["https://hooks.slack.com/" + f"services/T0123/B0123/{MIXED[:24]}"],
    "a Stripe key": ["sk" + "_live_" + MIXED[:24], "rk" + "_live_" + MIXED[:24]],
    "a Google API key": ["AIza" + MIXED[:35]],
    "an npm token": ["npm_" + MIXED[:36]],
    "a PyPI token": ["pypi-" + MIXED + MIXED],
    "a SendGrid key": ["SG." + MIXED[:22] + "." + MIXED + "abc"],
    "a private key": [
        f"-----BEGIN {kind}PRIVATE KEY{block}-----{gap}{MIXED}"
        for kind, block, gap in (
            ("", "", "\n"),
            ("RSA ", "", "\\n"),
            ("EC ", "", "\r\n"),
            ("OPENSSH ", "", "\n  "),
            ("PGP ", " BLOCK", "\n\n"),
        )
    ],
    "a JSON Web Token": [f"eyJ{MIXED[:20]}.eyJ{MIXED[:30]}.{MIXED}"],
    "a password in a URL": ["postgres://app:correct-horse@db/app", "redis://:correct-horse@cache:6379"],
}
HARMLESS = [
    "",
    "AKIAIOSFODNN7EXAMPLE",
    "AKIA" + "X" * 16,
    "XAKIA" + UPPER,
    "AKIA" + UPPER + "9",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    f"sha: {MIXED}",
    f"secret_key = {MIXED}a",
    "ghp_" + "x" * 36,
    "ghp_short",
    "glpat-" + "x" * 20,
    "xoxb-your-token",
    "https://hooks.slack.com/services/T0123/B0123/XXXXXXXXXXXXXXXXXXXXXXXX",
    "sk_test_" + MIXED[:24],
    "AIza" + MIXED[:34],
    "npm_config_registry",
    "pypi-mirror",
    "SG.short.short",
    'grep -q "-----BEGIN RSA PRIVATE KEY-----" key.pem',
    "-----BEGIN PUBLIC KEY-----\n" + MIXED,
    "eyJ.eyJ.x",
    "https://example.com/a@b",
    "https://example.com:8080/a@b",
    "postgres://app:${Password}@db/app",
    "postgres://app:$PASSWORD@db/app",
    "postgres://app:<password>@db/app",
    "postgres://app:{password}@db/app",
    "postgres://app:***@db/app",
    *(
        f"postgres://app:{word}@db/app"
        for word in ("changeme", "pass", "password", "passwd", "pwd", "secret", "token", "user", "Password")
    ),
    "postgres://app:xxxx@db/app",
    "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db",
    "git@github.com:owner/repository.git",
]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SECRETS.items() for text in texts])
def test_secrets_are_found(name: str, text: str) -> None:
    assert secret_format(text) == name
    assert secret_format(f"#!/bin/sh\nrun '{text}' now") == name


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_are_not(text: str) -> None:
    assert secret_format(text) is None


def test_an_example_does_not_hide_a_secret_behind_it() -> None:
    assert secret_format("AKIAIOSFODNN7EXAMPLE " + "AKIA" + UPPER) == "an AWS access key id"


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *(
            (name, True)
            for name in ("DB_PASSWORD", "dbPassword", "db-passwd", "/app/db/pwd", "PASSPHRASE", "CLIENT_SECRET")
        ),
        *((name, True) for name in ("GITHUB_TOKEN", "apiKey", "APIKEY", "STRIPE_API_KEY", "PRIVATE_KEY", "ACCESS_KEY")),
        *((name, True) for name in ("CREDENTIALS", "SIGNING_KEY", "AUTH_KEY", "CONNECTION_STRING", "ACCOUNT_KEY")),
        *(
            (name, True)
            for name in ("ENCRYPTION_KEY", "SECRET_KEY", "credential", "DB_PASSWORD_PROD", "TOKEN_2", "TokenValue")
        ),
        *((name, False) for name in ("PASSWORD_MIN_LENGTH", "TOKEN_URL", "SECRET_ARN", "SECRET_NAME", "API_KEY_ID")),
        *((name, False) for name in ("KEY", "PARTITION_KEY", "MAX_TOKENS", "PUBLIC_KEY", "STAGE", "", "_", "PROD")),
    ],
)
def test_names_of_secrets(name: str, is_secret: bool) -> None:
    assert is_secret_name(name) is is_secret
