"""The Trust Services Criteria, all of them, each under a short name in our own words.

Source: AICPA TSP section 100, the 2017 Trust Services Criteria with the points of focus revised in 2022. What supports
a criterion is for an auditor to decide.
"""

from __future__ import annotations

CATEGORIES = ("Security", "Availability", "Confidentiality", "Processing Integrity", "Privacy")

_SERIES = {"CC": "Security", "A": "Availability", "C": "Confidentiality", "PI": "Processing Integrity", "P": "Privacy"}

_TITLES = """
CC1.1 Integrity and ethics are lived
CC1.2 The board oversees independently
CC1.3 Responsibilities and authority are assigned
CC1.4 Competent people are hired and kept
CC1.5 People answer for their controls
CC2.1 Controls rest on information of good quality
CC2.2 Staff know their part in control
CC2.3 Outside parties are told what concerns them
CC3.1 Objectives are clear enough to see their risks
CC3.2 Risks are found and weighed
CC3.3 Fraud is weighed as a risk
CC3.4 Changes that matter to control are noticed
CC4.1 Controls are evaluated regularly
CC4.2 Deficiencies reach those who can correct them
CC5.1 Controls are chosen to answer the risks
CC5.2 General controls over technology are in place
CC5.3 Policies and procedures put controls into effect
CC6.1 Logical access to information is restricted
CC6.2 Users are registered and removed in an orderly way
CC6.3 Access follows roles and least privilege
CC6.4 Physical access is restricted
CC6.5 Media are made unreadable before disposal
CC6.6 Threats from outside are kept out
CC6.7 Data in transit and on the move is protected
CC6.8 Unwanted software is prevented or found
CC7.1 Weak configurations are detected
CC7.2 Anomalies are monitored
CC7.3 Security events are evaluated
CC7.4 Incidents are answered by a known plan
CC7.5 Operations recover from incidents
CC8.1 Changes are authorized, tested and approved
CC9.1 Risks of disruption are mitigated
CC9.2 Vendors and partners are managed
A1.1 Capacity is watched and planned
A1.2 Backups and recovery infrastructure are operated
A1.3 Recovery is tested
C1.1 Confidential information is identified and kept
C1.2 Confidential information is disposed of
PI1.1 What processing must achieve is specified
PI1.2 Inputs are complete and accurate
PI1.3 Processing is complete, accurate and timely
PI1.4 Outputs are complete and reach only those entitled
PI1.5 Stored items are complete and protected
P1.1 People are told how their data is used
P2.1 People are given choices and consent
P3.1 Only personal data that is needed is collected
P3.2 Explicit consent is obtained where needed
P4.1 Personal data is used for its purpose only
P4.2 Personal data is kept no longer than needed
P4.3 Personal data is disposed of securely
P5.1 People can see their data
P5.2 People can correct their data
P6.1 Disclosure to third parties needs consent
P6.2 Authorized disclosures are recorded
P6.3 Unauthorized disclosures are recorded
P6.4 Third parties commit to privacy
P6.5 Third parties report unauthorized disclosures
P6.6 Those affected by incidents are notified
P6.7 People can have an account of disclosures
P7.1 Personal data is accurate and current
P8.1 Complaints are received and resolved
"""


class Criterion:
    """One criterion: its id, its category, and a short name in our own words."""

    __slots__ = ("category", "id", "title")

    def __init__(self, name: str, title: str) -> None:
        self.id = name
        self.category = _SERIES[name.rstrip("0123456789.")]
        self.title = title


def _read() -> dict[str, Criterion]:
    pairs = [line.split(" ", 1) for line in _TITLES.strip().splitlines()]
    return {name: Criterion(name, title) for name, title in pairs}


CRITERIA = _read()
