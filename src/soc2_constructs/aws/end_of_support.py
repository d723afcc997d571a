"""The days on which AWS ends standard support for runtimes and engine versions.

A version that is not in these tables is newer, or has no announced end. Dates as AWS published them by 2026.
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Value, Verdict, failed, passed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: "Lambda runtimes", AWS Lambda Developer Guide: the deprecation date.
LAMBDA_RUNTIMES = {
    "dotnet10": "2028-11-14",
    "dotnet6": "2024-12-20",
    "dotnet8": "2026-11-10",
    "dotnet9": "2026-11-10",
    "dotnetcore1.0": "2019-06-27",
    "dotnetcore2.0": "2019-05-30",
    "dotnetcore2.1": "2022-01-05",
    "dotnetcore3.1": "2023-04-03",
    "go1.x": "2024-01-08",
    "java11": "2027-06-30",
    "java17": "2027-06-30",
    "java21": "2029-06-30",
    "java25": "2029-06-30",
    "java8": "2024-01-08",
    "java8.al2": "2027-06-30",
    "nodejs": "2016-08-30",
    "nodejs10.x": "2021-07-30",
    "nodejs12.x": "2023-03-31",
    "nodejs14.x": "2023-12-04",
    "nodejs16.x": "2024-06-12",
    "nodejs18.x": "2025-09-01",
    "nodejs20.x": "2026-04-30",
    "nodejs22.x": "2027-04-30",
    "nodejs24.x": "2028-04-30",
    "nodejs4.3": "2020-03-05",
    "nodejs4.3-edge": "2020-03-05",
    "nodejs6.10": "2019-08-12",
    "nodejs8.10": "2020-03-06",
    "provided": "2024-01-08",
    "provided.al2": "2026-07-31",
    "provided.al2023": "2029-06-30",
    "python2.7": "2021-07-15",
    "python3.10": "2026-10-31",
    "python3.11": "2027-06-30",
    "python3.12": "2028-10-31",
    "python3.13": "2029-06-30",
    "python3.14": "2029-06-30",
    "python3.6": "2022-07-18",
    "python3.7": "2023-12-04",
    "python3.8": "2024-10-14",
    "python3.9": "2025-12-15",
    "ruby2.5": "2021-07-30",
    "ruby2.7": "2023-12-07",
    "ruby3.2": "2026-03-31",
    "ruby3.3": "2027-03-31",
    "ruby3.4": "2028-03-31",
    "ruby4.0": "2029-03-31",
}

#: "Understand the Kubernetes version lifecycle on EKS", Amazon EKS User Guide: the end of standard support.
KUBERNETES = {
    "1.22": "2023-06-04",
    "1.23": "2023-10-11",
    "1.24": "2024-01-31",
    "1.25": "2024-05-01",
    "1.26": "2024-06-11",
    "1.27": "2024-07-24",
    "1.28": "2024-11-26",
    "1.29": "2025-03-23",
    "1.30": "2025-07-23",
    "1.31": "2025-11-26",
    "1.32": "2026-03-23",
    "1.33": "2026-07-29",
    "1.34": "2026-12-02",
    "1.35": "2027-03-27",
}

_POSTGRES = {
    "11": "2024-02-29",
    "12": "2025-02-28",
    "13": "2026-02-28",
    "14": "2027-02-28",
    "15": "2028-02-29",
    "16": "2029-02-28",
    "17": "2030-02-28",
}
#: By engine. "Release calendars for Amazon RDS for PostgreSQL" and "Supported MySQL major versions on Amazon RDS",
#: Amazon RDS User Guide; "Release calendars for Aurora PostgreSQL" and "Amazon Aurora major versions", Amazon Aurora
#: User Guide.
DATABASES: Mapping[str, Mapping[str, str]] = {
    "aurora-mysql": {"5.6": "2023-02-28", "5.7": "2024-10-31", "8.0": "2028-04-30"},
    "aurora-postgresql": {"9.6": "2022-01-31", "10": "2023-01-31", **_POSTGRES},
    "mariadb": {"10.2": "2022-10-15", "10.3": "2023-10-23"},
    "mysql": {"5.6": "2022-03-01", "5.7": "2024-02-29", "8.0": "2026-07-31", "8.4": "2029-07-31"},
    "postgres": {"9.6": "2022-04-26", "10": "2023-04-17", **_POSTGRES},
}

#: "Versions of ElastiCache for Redis OSS end of life schedule", Amazon ElastiCache User Guide.
REDIS = {
    "2": "2023-01-13",
    "3": "2023-07-31",
    "4": "2026-01-31",
    "5": "2026-01-31",
    "6": "2027-01-31",
}

_NOVEMBER = "2025-11-07"
#: "Supported versions of Elasticsearch and OpenSearch", Amazon OpenSearch Service Developer Guide.
SEARCH = {
    **{f"Elasticsearch_{version}": _NOVEMBER for version in ("1", "2", "5", "6.0", "6.2", "6.3", "6.4", "6.5", "6.7")},
    **{f"Elasticsearch_{version}": _NOVEMBER for version in ("7.1", "7.4", "7.7", "7.8")},
    **{f"OpenSearch_{version}": _NOVEMBER for version in ("1.0", "1.1", "1.2", "2.3", "2.5", "2.7", "2.9")},
}


def end_of_support(version: str, table: Mapping[str, str]) -> str | None:
    """The day on which support for a version ends: that of the version itself, or of its major version."""
    parts = version.split(".")
    keys = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((table[key] for key in keys if key in table), None)


def is_supported(version: Value, table: Mapping[str, str], *, prefix: str = "") -> Verdict:
    """Whether AWS supports a version on the day of the audit.

    Args:
        version: The version. An absent one is the default of the service, which is a supported version.
        table: The end of support by version.
        prefix: Text before the version in the table. Default: none.
    """
    if version.is_absent:
        return passed("{} is not set; the service uses a supported version", version)
    if version.unresolved is not None:
        return unresolved("{} is known only at deployment", version, path=version.path)
    end = end_of_support(f"{prefix}{version.known}", table)
    if end is None:
        return passed("no end of support is known for {} {}", version, version.known)
    if version.resource.today <= end:
        return passed("{} {} is supported until {}", version, version.known, end)
    return failed("support for {} {} ended on {}", version, version.known, end, path=version.path)
