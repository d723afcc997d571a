"""Patterns with ``*`` and ``?``, as IAM matches them."""

from __future__ import annotations


def wildcard_match(pattern: str, text: str) -> bool:
    """Whether an IAM pattern with ``*`` and ``?`` matches a text; greedy, in time linear for one wildcard."""
    if "?" not in pattern:
        # Most have no wildcard, or one at their end.
        start, wildcard, rest = pattern.partition("*")
        if not wildcard:
            return pattern == text
        if not rest:
            return text.startswith(start)
    p = t = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(pattern) and (pattern[p] == "?" or (pattern[p] == text[t] and pattern[p] != "*")):
            p, t = p + 1, t + 1
        elif p < len(pattern) and pattern[p] == "*":
            star, mark, p = p, t, p + 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[p:])


def pattern_contains(pattern: str, other: str) -> bool:
    """Whether every text that matches the pattern `other` surely matches `pattern`.

    >>> pattern_contains("bucket/*", "bucket/?*"), pattern_contains("bucket/a*", "bucket/?*")
    (True, False)
    """
    p = o = 0
    star, mark = -1, 0
    while o < len(other):
        one = pattern[p] if p < len(pattern) else ""
        if one == "*":
            star, mark, p = p, o, p + 1
        # A question mark stands for one character of `other`, which is not a wildcard for several.
        elif one in ("?", other[o]) and other[o] != "*":
            p, o = p + 1, o + 1
        elif star >= 0:
            mark += 1
            p, o = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[p:])


def patterns_overlap(one: str, other: str) -> bool:
    """Whether some text matches both of two IAM patterns."""
    # reached[j]: what stands before here in `one` and what stands before j in `other` have a text in common.
    reached = [not other[:end].strip("*") for end in range(len(other) + 1)]
    for letter in one:
        row = [reached[0] and letter == "*"]
        for end, wanted in enumerate(other):
            if "*" in (letter, wanted):
                fits = reached[end + 1] or row[end]
            else:
                fits = reached[end] and (letter == wanted or "?" in (letter, wanted))
            row.append(fits)
        reached = row
    return reached[-1]
