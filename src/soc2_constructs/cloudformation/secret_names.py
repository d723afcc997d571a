"""Names of parameters and environment variables whose values are secrets.

>>> [name for name in ("DB_PASSWORD", "ApiKey", "TOKEN_URL", "PASSWORD_MIN_LENGTH") if is_secret_name(name)]
['DB_PASSWORD', 'ApiKey']
"""

from __future__ import annotations

#: Words, in sequence, at the end of a name whose value is a secret.
_SECRETS = (
    *(
        ("password",),
        ("passwd",),
        ("passphrase",),
        ("pwd",),
        ("secret",),
        ("token",),
        ("credential",),
        ("credentials",),
    ),
    *(("api", "key"), ("apikey",), ("access", "key"), ("private", "key"), ("encryption", "key"), ("signing", "key")),
    *(("auth", "key"), ("secret", "key"), ("account", "key"), ("client", "secret"), ("connection", "string")),
)
#: Words after a secret that leave it a secret: `DB_PASSWORD_PROD`, `TOKEN_2`.
_SUFFIXES = ("dev", "development", "prod", "production", "stage", "staging", "test", "value")


def is_secret_name(name: str) -> bool:
    """Whether a name ends like the name of a secret, such as a password or a token."""
    words = _words(name)
    while words and (words[-1] in _SUFFIXES or words[-1].isdecimal()):
        words.pop()
    return any(tuple(words[-len(secret) :]) == secret for secret in _SECRETS)


def _words(name: str) -> list[str]:
    """The words of a name in any case: `DB_PASSWORD`, `dbPassword`, `db-password`, `/db/password`."""
    spaced, before = "", ""
    for letter in name:
        if letter.isupper() and before.islower():
            spaced += " "
        spaced += letter.lower() if letter.isalnum() else " "
        before = letter
    return spaced.split()
