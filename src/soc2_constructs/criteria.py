"""The 61 Trust Services Criteria: what infrastructure can show for each, what it cannot, and the records to prepare.

Source of the ids and subjects: AICPA TSP section 100, 2017 Trust Services Criteria (points of focus revised in 2022).
The wording is ours and does not replace that of the AICPA. An auditor decides whether a criterion is met.
"""

from __future__ import annotations

import re

CATEGORIES = ("Security", "Availability", "Confidentiality", "Processing Integrity", "Privacy")


def category_named(name: str) -> str:
    """Return the category with a name, in upper or lower case.

    Raises:
        ValueError: There is no such category.
    """
    for category in CATEGORIES:
        if category.lower() == name.lower():
            return category
    raise ValueError(f"There is no category {name!r}; the categories are {', '.join(CATEGORIES)}")


#: How much templates contribute to a criterion, with the wording for reports and pages.
EVIDENCE = {
    "infrastructure": "templates support it substantially",
    "partly": "templates support part of it",
    "none": "no control supports it; it depends on people and records",
}

_SERIES = {"CC": "Security", "A": "Availability", "C": "Confidentiality", "PI": "Processing Integrity", "P": "Privacy"}

# One paragraph per criterion, in the official order: a line with id, evidence and title, then the summary and three
# labeled fields.
_TEXT = """
CC1.1 none Integrity and ethical values are upheld
Leaders set an example of honest conduct. Employees know the rules, and violations have consequences.
Shows: Nothing. Conduct and leadership leave no trace in a template.
Does not show: Whether employees know the code of conduct, and how the company handles violations.
Records: The code of conduct with yearly acknowledgements by employees and contractors, and the record of violations
and their consequences.

CC1.2 none The board oversees security independently
Directors who are independent of management question the controls and follow up on the answers.
Shows: Nothing. Oversight takes place in meetings.
Does not show: Whether the board is independent of management, and whether it discusses security.
Records: The board charter, the list of members with their independence, and the minutes of meetings about security.

CC1.3 none Responsibilities and authority are assigned
Management defines reporting lines, and each responsibility for the system has an owner.
Shows: Nothing directly. Role names in IAM help to compare permissions with job functions, but no control evaluates
them.
Does not show: Who is responsible for a system, who reports to whom, and whether permissions match those
responsibilities.
Records: The organization chart, job descriptions with security responsibilities, and a table that maps IAM roles to
job functions.

CC1.4 none Competent people are hired and retained
The company hires, trains and replaces people according to the skills that their roles require.
Shows: Nothing. Skills and training are not part of any infrastructure.
Does not show: Whether employees have the skills that their roles require, and who can replace them.
Records: Job descriptions with required skills, background checks, training records, and the succession plan for key
roles.

CC1.5 none People are held accountable for their controls
Control owners are evaluated on how well their controls work. Good and poor performance both have consequences.
Shows: Nothing. A template does not identify the person who is accountable for a control.
Does not show: Whether control owners are evaluated, and whether incentives and pressure on them are reasonable.
Records: Performance reviews that cover control responsibilities, and the disciplinary policy with the cases in which
it was applied.

CC2.1 none Controls use relevant, reliable information
Control owners decide on the basis of logs, inventories and reports that are complete, accurate and current.
Shows: Nothing directly. Controls on logs are listed under CC7.2, and they protect one source of this information.
Does not show: Whether reports and inventories are complete, and whether control owners use them.
Records: The system inventory, the data flow diagram, and the list of reports that control owners rely on, with checks
of their completeness.

CC2.2 none Security responsibilities are communicated internally
Employees know their part in security, learn about changes, and can report concerns without fear of retaliation.
Shows: Nothing. Training and communication take place outside the infrastructure.
Does not show: Whether employees received training, acknowledged the policies, and know where to report a concern.
Records: Attendance records of security training, policy acknowledgements, and the description of the reporting
channel.

CC2.3 none External parties are informed
Customers, vendors and authorities know your commitments, their own responsibilities, and how to report a problem.
Shows: Nothing. Contracts and notices are not part of any infrastructure.
Does not show: What you promised to customers, and whether you informed them about changes and incidents.
Records: Customer contracts, the system description, the public security contact, and copies of notices about changes
and incidents.

CC3.1 none Objectives are specified
The objectives of the service, including security, are specific enough to identify the risks to them.
Shows: Nothing. A template describes resources and not the purpose that they serve.
Does not show: What the service commits to, and whether management approved these commitments.
Records: Service commitments and system requirements, approved by management and reviewed every year.

CC3.2 partly Risks are identified and assessed
Risks are identified, rated by likelihood and impact, and assigned a treatment.
Shows: Waivers show which findings were accepted as a risk, with reason, owner and expiration date.
Does not show: Risks outside the infrastructure, and whether the ratings and treatments are appropriate.
Records: The risk register with owner, rating and treatment of each risk, and the minutes of the yearly risk
assessment.

CC3.3 none Fraud risk is assessed
The risk assessment considers how people could commit fraud, for example by raising their privileges or deleting
evidence.
Shows: Nothing directly. Controls against privilege escalation are listed under CC6.3, and log protection under CC7.2.
Does not show: Whether incentives, opportunities and management override were discussed.
Records: The part of the risk assessment about fraud, with its date and participants.

CC3.4 none Significant changes are assessed
A new product, vendor, law, leader or technology leads to a new assessment of risks and controls.
Shows: Nothing. A template shows the current state and not the change in the business behind it.
Does not show: Whether risks were reassessed when the business or its environment changed.
Records: A dated reassessment for each significant change, such as a new region or an acquisition, with the updates to
the risk register.

CC4.1 partly Controls are evaluated regularly
Ongoing and separate evaluations show whether controls are present and working.
Shows: AWS Config and Security Hub evaluate configuration continuously, and reports of this library evaluate each
synthesis.
Does not show: Whether independent people test the controls that depend on people and procedures.
Records: The internal audit plan with its reports, penetration test reports, and the retained results of automatic
checks.

CC4.2 partly Deficiencies are reported and corrected
Deficiencies reach the people who can correct them, and management tracks them until they are corrected.
Shows: Waivers show which findings remain open, who owns them, and when the acceptance expires.
Does not show: Whether findings are corrected by their due date, and whether management reviews those that are
overdue.
Records: Tickets with owner, due date and closing date for each finding, and minutes of management reviews of overdue
findings.

CC5.1 none Controls are selected to mitigate risks
Each significant risk is mitigated by a control, and duties are segregated so that one person cannot act unchecked.
Shows: Nothing. A template shows that a control is in place and not the risk that it mitigates.
Does not show: Why a control was selected, and whether incompatible duties are segregated.
Records: The control matrix that maps risks to controls and owners, and the analysis of segregation of duties.

CC5.2 none General technology controls are established
General controls over infrastructure, access, and software development support all other controls.
Shows: Nothing directly. Controls on access, operations and change are listed under CC6, CC7 and CC8.
Does not show: Whether management selected general technology controls, and which automatic controls depend on them.
Records: Policies for infrastructure, access, and software procurement and development, with the automatic controls
that depend on each.

CC5.3 none Policies and procedures are in effect
Policies state the expectations, procedures state who does what and when, and daily work follows them.
Shows: Nothing. Infrastructure does not record whether people follow a procedure.
Does not show: Whether policies are approved, current, and followed.
Records: Policies and procedures with owner, version, approval and yearly review, and samples of work that follows
them.

CC6.1 infrastructure Logical access to information is restricted
Only identified and authorized people and programs have access to information and systems. Data is encrypted and
networks are segmented.
Shows: Encryption and key rotation, access policies, authentication settings, private networks, and handling of
secrets in AWS.
Does not show: Who actually has access, and the settings of systems outside AWS such as the identity provider and
source control.
Records: The access control policy, the inventory of information assets, and single sign-on and MFA settings of
systems outside AWS.

CC6.2 partly User access is granted and removed by a process
Users receive credentials after registration and approval. Credentials are removed when they are no longer needed.
Shows: AWS Config rules that detect unused credentials and old access keys, and templates that show empty IAM groups.
Does not show: Who approved the access of a user, and whether it was removed on time when the person left.
Records: Approved access requests of new users, and offboarding tickets with the time of removal, compared with the HR
list of leavers.

CC6.3 partly Access follows roles and least privilege
Permissions are assigned by role, limited to what the role requires, and changed when responsibilities change.
Shows: The permissions and trust policies of roles, and whether they allow wildcards or privilege escalation.
Does not show: Whether a permission is needed for the job, and whether access is reviewed regularly.
Records: Quarterly access reviews signed by system owners, evidence that withdrawn access was removed, and the
segregation of duties matrix.

CC6.4 none Physical access is restricted
Only authorized people can enter data centers, offices, and other places where systems or media are kept.
Shows: Nothing. AWS is responsible for physical access to its data centers under the shared responsibility model.
Does not show: Physical access to your offices and devices.
Records: The SOC 2 report of AWS (from AWS Artifact) with your review, and badge lists and visitor logs of your
offices.

CC6.5 none Physical media are destroyed securely
Data and software are removed from devices and media before you dispose of them or pass them on.
Shows: Nothing. AWS is responsible for the media below its services under the shared responsibility model.
Does not show: How you dispose of laptops, disks and paper.
Records: The disposal procedure, wipe records or certificates of destruction, and the SOC 2 report of AWS.

CC6.6 infrastructure The system boundary is protected
Access from outside the system boundary is limited and protected.
Shows: Security groups, public endpoints, subnets, web ACLs, and public access settings of data stores.
Does not show: Whether a public endpoint is intended, and the protection of networks and systems outside AWS.
Records: The network diagram with the system boundary, the penetration test report with its fixes, and the reason for
each public endpoint.

CC6.7 infrastructure Data is protected when transmitted or moved
Only authorized users transmit, move or remove information, and it is protected while they do so.
Shows: TLS requirements and minimum versions of endpoints, HTTPS redirects, and public access to data.
Does not show: How data leaves on laptops, phones and removable media, or by email.
Records: The policy for mobile devices and removable media, the device management report on disk encryption, and
approved transfer methods.

CC6.8 partly Unauthorized software is prevented or detected
Unauthorized and malicious software is prevented from running, or is detected and removed.
Shows: Image scanning on push, patch compliance and threat detection.
Does not show: Software on laptops and other devices, and whether someone responds to what a scan detects.
Records: Endpoint protection reports for laptops and servers, the software installation policy, and tickets about
malware alerts.

CC7.1 partly Vulnerabilities and configuration changes are detected
Scans and monitoring detect new vulnerabilities, and configuration changes that introduce them.
Shows: AWS Config recording, Security Hub, image scanning, patch compliance, and alarms on configuration changes.
Does not show: Whether vulnerabilities are fixed by your deadlines, and vulnerabilities in application code.
Records: The vulnerability management policy, scan reports of the whole period, and tickets that show when each
finding was fixed.

CC7.2 infrastructure Anomalies are monitored
System components are monitored for anomalies that indicate attacks, disasters or errors.
Shows: Logs and their retention, trails, flow logs, alarms, metric filters and threat detection.
Does not show: Whether someone receives the alarms and acts on them.
Records: The list of alerts with recipients, the on-call schedule, and a sample of alerts with the actions taken.

CC7.3 partly Security events are evaluated
Security events are evaluated to decide whether they are incidents.
Shows: Whether logs for an evaluation exist, and whether alarms send a notification.
Does not show: Whether someone evaluated an event, how, and with which result.
Records: The definition of an incident with severity levels, and triage tickets with the decision, its author and its
time.

CC7.4 partly Incidents are handled by a response plan
A response plan defines roles, containment, communication and remediation for security incidents.
Shows: Whether GuardDuty findings in a live account are archived after a defined time.
Does not show: Whether people know the plan, exercise it, and follow it during an incident.
Records: The incident response plan, the record of the yearly exercise, and a report with timeline for each incident
of the period.

CC7.5 partly The system recovers from incidents
After an incident, the system is restored, the cause is corrected, and recurrence is prevented.
Shows: Backups and recovery points to restore from, and restore tests in AWS Backup.
Does not show: Whether root causes are corrected, and whether the team can carry out a recovery.
Records: Recovery runbooks, root cause analyses with completed actions, and changes to the plan after an exercise or
incident.

CC8.1 partly Changes are authorized, tested and approved
Changes to infrastructure, data, software and procedures are authorized, tested, approved and documented.
Shows: AWS Config recording of configuration changes, patch compliance, and image scanning before deployment.
Does not show: Who reviewed a change, whether it was tested, and how emergency changes are approved.
Records: The change policy, and for a sample of changes the pull request with its reviewer, test results and
deployment log.

CC9.1 none Business disruption is prepared for
Management has identified risks of business disruption and decided how to mitigate them.
Shows: Nothing directly. Controls on backups and failover are listed under A1.2.
Does not show: How the business continues after an outage or the loss of key people, and whether it is insured.
Records: The business impact analysis, the business continuity plan with its yearly review, and the insurance policy.

CC9.2 none Vendor and partner risk is managed
Vendors and partners are assessed before engagement, bound by contract, and reassessed regularly.
Shows: Nothing. The relationship with a vendor is not part of any infrastructure.
Does not show: Which vendors process your data, and how you assessed them.
Records: The vendor inventory with risk ratings, signed contracts, and yearly reviews of critical vendors, including
AWS.

A1.1 partly Capacity is managed
Capacity and use are monitored, and capacity is added before demand exceeds it.
Shows: Concurrency limits of Lambda functions and EBS optimization of EC2 instances.
Does not show: Whether the limits match the expected demand.
Records: Capacity reports with forecasts, the chosen scaling limits and service quotas, and minutes of capacity
reviews.

A1.2 infrastructure Backup and recovery infrastructure is operated
Backups, redundant infrastructure and environmental protections are designed, operated and monitored.
Shows: Backup plans, retention, copies to a second region, versioning, replication and deletion protection.
Does not show: Whether backup jobs succeed, and whether recovery objectives match what customers were promised.
Records: Approved recovery objectives, backup job reports with tickets about failures, and the SOC 2 report of AWS for
environmental protections.

A1.3 partly Recovery procedures are tested
Recovery plans are tested regularly against the recovery objectives.
Shows: Restore testing plans in AWS Backup; no control of this version evaluates them.
Does not show: Whether the restored data was correct, and whether people and procedures met the recovery objectives.
Records: The report of the yearly recovery test: date, scope, duration compared with the objective, data validation
and improvements.

C1.1 partly Confidential information is identified and protected
Confidential information is identified, and protected from disclosure and loss for its retention period.
Shows: Encryption, public access settings, and deletion protection of the resources that store data.
Does not show: Which information is confidential, and where it is stored.
Records: The data classification policy, the inventory of confidential information, and confidentiality agreements.

C1.2 partly Confidential information is disposed of
Confidential information is deleted at the end of its retention period, including copies.
Shows: Lifecycle rules of S3 buckets, for current and previous object versions.
Does not show: Whether the periods match your commitments, and whether vendors delete their copies.
Records: The retention schedule agreed with customers, and deletion logs or certificates, including backups and
vendors.

PI1.1 none Processing requirements are defined
Data definitions, functions and quality requirements of the service are specified for producers and users.
Shows: Nothing. A template does not describe the meaning of data.
Does not show: What the service is meant to process, and which results are correct.
Records: The product specification, data dictionary and API reference, each with owner and review date.

PI1.2 none Inputs are complete and accurate
Inputs are validated, rejected inputs are recorded, and input activity can be traced.
Shows: Nothing directly. No control evaluates request validation in this version.
Does not show: Whether validation rules are correct, and how rejected inputs are handled.
Records: Validation rules of each interface with tests, and reports about rejected inputs with their follow-up.

PI1.3 partly Processing is complete, accurate and timely
Processing follows its specification. Errors are detected and corrected.
Shows: Dead-letter queues and stream retention, which keep failed or delayed items for later processing.
Does not show: Whether application code computes correct results, and whether someone processes the failed items.
Records: Reconciliation reports, monitoring of scheduled jobs, and tickets about processing errors and their
correction.

PI1.4 none Outputs are complete, accurate and delivered as intended
Outputs are complete and correct, arrive on time, and reach only their intended recipients.
Shows: Nothing directly. Controls on access to data are listed under CC6.1.
Does not show: Whether outputs are correct, and whether customers can see only their own data.
Records: Reconciliations of outputs, reviewed recipient lists of reports and feeds, and tests of tenant isolation.

PI1.5 none Stored items are complete and protected
Inputs, items in processing and outputs are stored completely and accurately for the specified period.
Shows: Nothing directly. Controls on encryption, backups and versioning are listed under CC6.1 and A1.2.
Does not show: Whether stored records are complete and accurate, and who can change them manually.
Records: The retention and archiving policy, integrity check results, and the reviewed list of people who can change
stored records.

P1.1 none People are informed about privacy practices
A privacy notice states which personal information is collected, for which purposes, and who receives it.
Shows: Nothing. A notice is part of the product.
Does not show: Whether the notice is accurate, current, and visible at the time of collection.
Records: The published privacy notice with earlier versions and dates, its place in the product, and notices about
changes.

P2.1 none People can choose and consent
People are informed of their choices and the consequences. Their consent is obtained and respected.
Shows: Nothing. Consent is obtained in the product.
Does not show: Whether consent was given freely, recorded, and respected after withdrawal.
Records: Consent screens, the consent log with times and notice versions, and the withdrawal procedure.

P3.1 none Only necessary personal information is collected
Personal information is collected fairly, lawfully, and only as far as the stated purpose requires.
Shows: Nothing. A template does not describe the information that an application collects.
Does not show: Which personal information is collected and whether the purpose requires it.
Records: The record of processing activities with purposes, and privacy reviews of new features.

P3.2 none Explicit consent is obtained where required
Explicit consent is obtained before sensitive information is collected, and people learn the consequences of refusal.
Shows: Nothing. Explicit consent is a step in the product.
Does not show: Which information requires explicit consent, and whether it was obtained before collection.
Records: The list of information that requires explicit consent, the wording shown, and a sample of dated consents.

P4.1 none Personal information is used only for its purpose
Personal information is used only for the purposes stated in the notice.
Shows: Nothing directly. Controls on permissions are listed under CC6.3.
Does not show: For which purposes employees and programs use the information.
Records: The register of purposes with approvals of new uses, and reviews of queries on personal information.

P4.2 partly Personal information is retained only as needed
Personal information is retained for its stated purpose and period, and no longer.
Shows: Lifecycle rules of S3 buckets that expire objects at a certain age.
Does not show: Which resources store personal information, and whether the periods match their purpose.
Records: The retention schedule for personal information, and evidence that older data is deleted from backups and
analytics.

P4.3 partly Personal information is disposed of securely
Personal information is deleted securely, at the end of its retention period or at the request of the person.
Shows: Lifecycle rules of S3 buckets that delete objects and their previous versions.
Does not show: Whether deletion requests are completed, including at vendors.
Records: The deletion procedure, the log of deletion requests with completion dates, and confirmations from vendors.

P5.1 none People can access their information
People with a verified identity can review their personal information, or learn why access is denied.
Shows: Nothing. Access requests are handled by people or by the product.
Does not show: Whether requests are answered completely and on time.
Records: The procedure for access requests with identity verification, and the log of requests, answers and denials.

P5.2 none People can correct their information
Personal information is corrected at the request of the person, and third parties that received it are informed.
Shows: Nothing. Corrections are made in the product.
Does not show: Whether requests are carried out and passed on to recipients.
Records: The log of correction requests with outcomes, and messages to third parties that received the earlier
information.

P6.1 none Disclosure to third parties is based on consent
Personal information is disclosed to third parties only with consent and for the stated purpose.
Shows: Nothing directly. Controls on public and cross-account access are listed under CC6.1.
Does not show: Which third parties receive personal information, and on which basis.
Records: The list of recipients and subprocessors with purposes, and the consent or contract for each.

P6.2 none Authorized disclosures are recorded
Authorized disclosures of personal information are recorded completely and accurately.
Shows: Nothing. Logs show technical access and not the reason for a disclosure.
Does not show: What was disclosed to whom, when and why.
Records: The register of disclosures, including those to authorities, and the review of its completeness.

P6.3 none Unauthorized disclosures are recorded
Detected or reported unauthorized disclosures, including breaches, are recorded completely and accurately.
Shows: Nothing directly. Controls on logs and threat detection are listed under CC7.2.
Does not show: Which disclosures were unauthorized, and whether all of them are recorded.
Records: The breach register with date, data, affected people and cause, reconciled with incident tickets.

P6.4 none Third parties commit to privacy
Vendors that process personal information commit to protect it, and their compliance is assessed.
Shows: Nothing. Commitments of vendors are contracts.
Does not show: What vendors committed to, and whether they comply.
Records: Signed data processing agreements, and yearly vendor assessments with corrective actions.

P6.5 none Third parties report unauthorized disclosures
Vendors commit to report unauthorized disclosures, and you act on their reports.
Shows: Nothing. The report of a vendor arrives outside the infrastructure.
Does not show: Whether vendors must report, and how you respond.
Records: The breach notification clause in each contract, the contact for reports, and received reports with your
response.

P6.6 none Affected parties are notified of breaches
Affected people, authorities and others are notified of breaches and incidents by the legal deadline.
Shows: Nothing. Notification is carried out by people.
Does not show: Whether notifications were complete and on time.
Records: The notification procedure with deadlines by jurisdiction, and copies of notices or a signed statement that
none was required.

P6.7 none People can learn what is held and disclosed
People receive an account of the personal information that you hold and of its disclosure, at their request.
Shows: Nothing. The account is compiled from your own records.
Does not show: Whether the account that a person receives is complete.
Records: Answered requests of the period, with the data inventory and the register of disclosures.

P7.1 none Personal information is accurate and current
Personal information is accurate, complete, current and relevant for its purpose.
Shows: Nothing. A template does not contain the data itself.
Does not show: Whether data is checked on entry and updated later.
Records: Validation rules with tests, data quality reports, and reminders that ask people to confirm their
information.

P8.1 none Privacy complaints are resolved and practices reviewed
Inquiries, complaints and disputes about privacy are resolved. Compliance with privacy commitments is monitored.
Shows: Nothing. Complaints are handled by people.
Does not show: How complaints were resolved, and whether privacy practices are reviewed.
Records: The published contact, the complaint log with dates and outcomes, and the yearly privacy review with
corrective actions.
"""


class Criterion:
    """One criterion, in our own words.

    Attributes:
        id: The official id, such as `"CC6.1"`.
        category: The category to which it belongs, one of `CATEGORIES`.
        evidence: How much templates contribute, a key of `EVIDENCE`. `"none"` where no kind of control supports it.
        title: A short name that states the intended state.
        summary: What the criterion requires.
        shows: What templates and AWS Config rules can show for it.
        does_not_show: What they cannot show.
        records: The documents and records that an auditor usually requests.
    """

    __slots__ = ("category", "does_not_show", "evidence", "id", "records", "shows", "summary", "title")

    def __init__(
        self, id: str, evidence: str, title: str, summary: str, shows: str, does_not_show: str, records: str
    ) -> None:
        self.id = id
        self.category = _SERIES[id.rstrip("0123456789.")]
        self.evidence = evidence
        self.title = title
        self.summary = summary
        self.shows = shows
        self.does_not_show = does_not_show
        self.records = records

    def __repr__(self) -> str:
        return f"<Criterion {self.id}>"


_FIELDS = re.compile(r"(.+?) Shows: (.+?) Does not show: (.+?) Records: (.+)")


def _read() -> dict[str, Criterion]:
    criteria = {}
    for paragraph in _TEXT.strip().split("\n\n"):
        head, _, text = paragraph.partition("\n")
        id, evidence, title = head.split(" ", 2)
        fields = _FIELDS.fullmatch(text.replace("\n", " "))
        assert fields is not None, f"criteria.py: {id} lacks a field"
        criteria[id] = Criterion(id, evidence, title, *fields.groups())
    return criteria


#: Every criterion by its id, in the official order.
CRITERIA = _read()


class UnknownCriterionError(ValueError):
    """An id that is not the id of a criterion."""

    def __init__(self, name: str) -> None:
        import difflib

        close = difflib.get_close_matches(name.upper(), CRITERIA, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`soc2 criteria` lists them all."
        super().__init__(f"There is no criterion {name!r}. {hint}")
        self.name = name


def find(name: str) -> Criterion:
    """Return the criterion with an id.

    Args:
        name: The id, in upper or lower case, such as `"CC6.1"`.

    Raises:
        UnknownCriterionError: No criterion has this id. The message suggests similar ids.
    """
    try:
        return CRITERIA[name.upper()]
    except KeyError:
        raise UnknownCriterionError(name) from None
