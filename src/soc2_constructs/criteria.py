"""The Trust Services Criteria, all of them, and for each what infrastructure can show and what stays the user's work.

Source of the ids and of what they are about: AICPA TSP section 100, the 2017 Trust Services Criteria with the points of
focus revised in 2022. The words are ours, and no substitute for the AICPA's: read those before an audit. What meets a
criterion is for an auditor to decide.
"""

from __future__ import annotations

CATEGORIES = ("Security", "Availability", "Confidentiality", "Processing Integrity", "Privacy")

#: How far templates go towards a criterion, and in words.
EVIDENCE = {
    "infrastructure": "templates support it substantially",
    "partly": "templates support a part of it",
    "none": "no control is about it, it is your own work alone",
}

_SERIES = {"CC": "Security", "A": "Availability", "C": "Confidentiality", "PI": "Processing Integrity", "P": "Privacy"}

# A paragraph for each criterion, in the official order: id, evidence, title; the summary; after "Yours:" what remains.
_TEXT = """
CC1.1 none Integrity and ethics are lived
Leaders set the example of honest conduct, everybody knows the rules, and breaking them has consequences.
Yours: The code of conduct, signed by each employee and contractor on joining and every year, and the record of what
followed where somebody broke it.

CC1.2 none The board oversees independently
Directors who do not run the business put questions about its controls, and get and weigh the answers.
Yours: The charter of the board, the list of its members with who is independent, and the minutes of the meetings in
which security was discussed.

CC1.3 none Responsibilities and authority are assigned
It is plain who answers for what and who reports to whom, and the permissions in the systems do not contradict it.
Yours: The organization chart, the job descriptions that say who owns security, and the list that ties each IAM role or
group to a function in that chart.

CC1.4 none Competent people are hired and kept
People are chosen, trained and replaced with an eye to the skill that their part in the system asks for.
Yours: Job descriptions with the skills they demand, records of background checks, training records of the period, and
the succession plan for key roles.

CC1.5 none People answer for their controls
Whoever owns a control is judged by how well it works, and neglect as well as good work has its effect on that person.
Yours: Performance reviews of the year that speak of control duties, and the disciplinary policy with the cases in which
it was applied.

CC2.1 none Controls rest on information of good quality
Those who decide about security work from logs and inventories that are complete, recent and hard to falsify.
Yours: The inventory of systems with the diagram of data flows, and the list of reports on which control owners rely,
with a record that somebody checked that they are complete.

CC2.2 none Staff know their part in control
Everybody inside who has a part in security knows that part, hears when it changes, and can raise an alarm without fear.
Yours: Attendance records of the security awareness training, acknowledgements of the policies by each employee, and the
reporting or whistleblower channel that staff can name.

CC2.3 none Outside parties are told what concerns them
Customers, suppliers and authorities know what you promise, what you expect of them, and how to report that something is
wrong.
Yours: Customer contracts with the service commitments, the published system description and security contact, and
copies of the notices sent about changes and incidents.

CC3.1 none Goals are written down and in force
What the service has to achieve, security included, is stated so plainly that a miss would be recognized.
Yours: The document of service commitments and system requirements, approved by management and reviewed every year.

CC3.2 partly Risks are found and weighed
Somebody went looking for what can go wrong, judged how likely and how bad it is, and decided what to do about it;
findings of scanners and detectors feed that picture.
Yours: The risk register with owner, rating and treatment of each risk, and the minutes of the yearly risk assessment
that brought it up to date.

CC3.3 none Fraud is weighed as a risk
The ways in which people inside or outside could cheat are thought through, among them raising one's own privileges and
wiping out the traces.
Yours: The part of the risk assessment about fraud: motives, openings, managers who bypass controls, and who discussed
it when.

CC3.4 none Changes that matter to control are noticed
A new product, supplier, law, leader or technology leads to a second look at risks and controls before it does harm.
Yours: A dated reassessment after each large change, such as a new region, an acquisition or a new critical supplier,
and what it altered in the risk register.

CC4.1 partly Controls are evaluated regularly
Somebody at a distance from the daily work tests again and again whether the controls are there and do what they should.
Yours: The internal audit plan, its reports, and penetration test reports. Reports of automatic checks, this library's
too, may be attached to them and do not replace them.

CC4.2 partly Deficiencies reach those who can correct them
What is found wanting soon reaches a person who can mend it, and stays in management's sight until it is mended.
Yours: A ticket for each finding with owner, due date and closing date, and the minutes in which management went through
those overdue.

CC5.1 none Controls are chosen to answer the risks
Each risk that matters has a control that was picked for it, and nobody can both do wrong and hide it.
Yours: The control matrix that ties each risk to its controls and their owners, and the analysis of duties that must lie
in different hands.

CC5.2 none General controls over technology are in place
Networks, identities, logs and the making of software, on which everything else leans, are under control themselves, and
tampering with them is noticed.
Yours: The policies for infrastructure, access, and the purchase and development of software, and the list of automatic
controls that depend on each.

CC5.3 none Policies are current, known and followed
Written rules say who does what and how often, and daily work looks as the rules say.
Yours: All policies and procedures with owner, version, approval and date of the yearly review, and samples of work done
by them.

CC6.1 infrastructure Logical access to information is restricted
Only people and programs that prove who they are and have a reason get at data; storage is encrypted, keys are looked
after, and networks are cut into parts.
Yours: The access control policy, the inventory of information assets, and the sign-on and MFA settings of what lies
outside AWS: identity provider, source control, support tools.

CC6.2 partly Users are registered and removed in an orderly way
A joiner's access starts with a recorded approval, a leaver's stops on time, and data stays shut to whoever has not gone
that way.
Yours: Approved access requests of new users, and offboarding tickets with the hour of removal, compared with the list
of leavers from HR.

CC6.3 partly Access follows roles and least privilege
Permissions hang on roles rather than persons, are as narrow as the work allows, and move when somebody changes jobs.
Yours: The access review of each quarter, signed by the owner of each system, with proof that what it withdrew is gone,
and the matrix of permissions that must not meet in one person.

CC6.4 none Physical access is restricted
Doors, cages and offices let in those who have business there. AWS answers for its data centers, not for your rooms.
Yours: The SOC 2 report of AWS (from AWS Artifact) with your written review of it, and badge lists and visitor logs of
your own offices.

CC6.5 none Media are made unreadable before disposal
No laptop, disk or printout leaves with anything on it that could be read. AWS answers for the disks below its services.
Yours: The disposal procedure, wipe records or certificates of destruction for your laptops and disks, and the SOC 2
report of AWS for its media.

CC6.6 infrastructure Threats from outside are kept out
What faces the internet is little, deliberate and guarded; databases, snapshots and buckets do not, and whoever comes in
from afar needs more than a password.
Yours: The network diagram that shows the boundary, the penetration test report with its fixes, and a reviewed reason
for each endpoint that is public on purpose.

CC6.7 infrastructure Data in transit and on the move is protected
Data travels encrypted and by the ways meant for it, and that holds for laptops, phones and memory sticks as well.
Yours: The policy for removable media and mobile devices, the device management report that shows encrypted disks, and
the list of approved ways to send customer data.

CC6.8 partly Unwanted software is prevented or found
Software that nobody approved does not get to run, or is soon found, on servers, in images and on staff machines.
Yours: The endpoint protection report that covers each laptop and server, the rule that says who may install what, and
the tickets of malware alerts.

CC7.1 partly Weak configurations and new vulnerabilities are detected
Scans bring to light where settings drift from the secure baseline and where a flaw just published applies to you.
Yours: The vulnerability management policy with its deadlines, scan reports of the whole period, and tickets that show
each finding fixed in time.

CC7.2 infrastructure Anomalies are monitored
Logs and metrics of all that matters are gathered, and what is out of the ordinary rings where somebody listens.
Yours: The list of alerts with who receives each, the on-call schedule, and a sample of alerts with what was done about
them.

CC7.3 partly Security events are evaluated
A person looks at each alarm and decides whether it is an incident, from records that nobody could have altered.
Yours: The definition of an incident with its degrees of severity, and triage tickets with the decision, who took it and
when.

CC7.4 partly Incidents are answered by a known plan
When it happens, people know their roles, contain the damage, and tell those concerned; nothing is made up on the spot
that could have been prepared.
Yours: The incident response plan, the record of its yearly exercise, and a written review of each incident of the
period, with its timeline.

CC7.5 partly Operations recover from incidents
Service returns to a state known to be good, the cause is removed, and something is done so that it stays away.
Yours: Recovery runbooks, the analysis of causes with its actions closed, and what the last exercise or incident changed
in the plan.

CC8.1 partly Changes are authorized, tested and approved
Nothing reaches production on one person's word: each change has a request, a second pair of eyes, a test, and a trace.
Yours: The change policy with its way for emergencies, and for a sample of changes the pull request with a reviewer
other than the author, the results of CI, and the deployment log.

CC9.1 none The business is prepared for disruption
Management has settled beforehand how the business lives through an outage, the loss of a key person or place, and the
cost of an incident.
Yours: The business impact analysis, the business continuity plan with its yearly review, and the insurance policy that
covers such losses.

CC9.2 none Vendors and partners are managed
Whoever works with your data or systems was looked at before, is bound by a contract, and is looked at again each year.
Yours: The vendor inventory with a risk rating of each, the signed contracts, and the yearly review of each critical
vendor's SOC 2 report, that of AWS included.

A1.1 partly Capacity is watched and planned
Load is compared with what the system can bear, and more is added before users feel the lack.
Yours: Reports of load with a forecast, the scaling limits and service quotas that you chose and why, and the minutes of
the capacity review. Automatic scaling helps, and no control here judges it.

A1.2 infrastructure Backups and recovery infrastructure are operated
Data is copied often enough, far enough away and for long enough, spare capacity stands ready, and somebody notices when
a backup fails.
Yours: The approved recovery time and recovery point objectives, reports of backup jobs of the period with tickets for
those that failed, and the SOC 2 report of AWS for power and climate.

A1.3 partly Recovery is tested
Somebody restored from real backups, checked the result, and was done within the time that customers were promised.
Yours: The report of the yearly recovery test: date, what was restored, time taken against the objective, how the data
was checked, and what was improved.

C1.1 partly Confidential information is identified and protected
You know which information is confidential and where it lies, and it is guarded from loss and prying while you need it.
Yours: The data classification policy, the inventory of where each class is stored, and the confidentiality agreements
with customers, staff and suppliers.

C1.2 partly Confidential information is disposed of
Confidential information goes when its time is over, from every place to which it was copied.
Yours: The retention schedule agreed with customers, and deletion logs or certificates of the period, for backups and at
suppliers too.

PI1.1 none What processing must achieve is specified
Those who build the service and those who use it have one description of its data, its functions, and what a right
result is.
Yours: The product specification, data dictionary and API reference that customers see, each with owner and date of
review.

PI1.2 none Inputs are complete and accurate
What comes in is checked against rules, what is turned away is recorded, and each arrival leaves a trace.
Yours: The validation rules of each interface with their tests, and reports of rejected input with who followed it up.

PI1.3 partly Processing is complete, accurate and timely
Each step does what it should when it should, and a failure or a retry shows rather than vanishes.
Yours: Reconciliation reports, the monitoring of scheduled jobs, and tickets of processing errors with how each was
corrected.

PI1.4 none Outputs are complete and reach only those entitled
Results come out whole and on time, and nobody but the receiver they are for can read them.
Yours: Reconciliations of outputs, the reviewed list of who receives each report or feed, and tests that one customer
cannot get what belongs to another.

PI1.5 none Stored items are complete and protected
What is stored stays as it was written for as long as agreed: encrypted, safe from overwriting, and recoverable.
Yours: The retention and archiving policy, records of integrity checks, and the list of who may alter stored records by
hand, with its review.

P1.1 none People are told how their data is used
A notice in plain words says which personal data you gather, what for and who gets it, and people see it in time and
again when it changes.
Yours: The published privacy notice with its earlier versions and dates, where the product shows it, and how users were
told of changes.

P2.1 none People choose and consent
Where people have a choice they can say no, they know what follows from it, and their answer is kept and obeyed.
Yours: The consent screens, the log of consents with time and version of the notice, and the procedure for withdrawal.

P3.1 none Only personal data that is needed is collected
Forms and interfaces ask by fair means for no more than the stated purpose takes, and bought or borrowed data is held to
the same.
Yours: The record of processing activities with the purpose of each kind of data, and the privacy review of each new
feature.

P3.2 none Explicit consent is obtained where needed
For sensitive data a clear yes comes first, from somebody who knew what a no would mean.
Yours: The list of data that needs explicit consent, the wording shown, and a sample of consents dated before the data
was collected.

P4.1 none Personal data is used for its purpose only
Personal data serves the purposes that people were told of, and a new purpose is not slipped in.
Yours: The register of purposes with the approval of each new use, and a regular review of who queried personal data and
what for.

P4.2 partly Personal data is kept no longer than needed
Each kind of personal data has a time to live, with a reason, and that time is kept to.
Yours: The retention schedule for personal data, and a report of the period that nothing older is left, in backups and
analytics too.

P4.3 partly Personal data is disposed of securely
Personal data that is erased, by request or by age, is gone for good and from every copy.
Yours: The erasure procedure, the log of erasure requests with the day each was completed, and confirmations from
suppliers that held copies.

P5.1 none People can see their data
Somebody who proves who they are can learn what you hold about them and take a copy, or hears why not.
Yours: The procedure for access requests with its check of identity, and the log of requests with day received, day
answered, and the reason of each refusal.

P5.2 none People can correct their data
What is wrong about a person is put right when they ask, and those to whom it was passed on hear of it.
Yours: The log of correction requests with the outcome of each, and the messages sent to those who had the old data.

P6.1 none Disclosure to third parties needs consent
Personal data goes to others only where the person agreed, and only for what they agreed to.
Yours: The list of recipients and sub-processors with the purpose of each, and the consent or contract on which each
rests.

P6.2 none Authorized disclosures are recorded
For each permitted hand-over you can say later what went to whom, when and why.
Yours: The register of disclosures, those to authorities included, and the review that found it complete.

P6.3 none Unauthorized disclosures are recorded
Leaks and mistaken hand-overs are written down when they come to light, whoever noticed them.
Yours: The breach register with date, data, people concerned and cause of each, reconciled with the incident tickets.

P6.4 none Third parties commit to privacy
Suppliers that touch personal data are bound to guard it, and somebody looks whether they do.
Yours: The signed data processing agreements, and the yearly assessment of each supplier with what was done where one
fell short.

P6.5 none Third parties report unauthorized disclosures
A supplier that lets personal data slip has to tell you quickly, and you know what to do then.
Yours: The clause on breach notification in each contract, the address at which such notices arrive, and those received
with your response.

P6.6 none Those affected by incidents are notified
After a breach, the people and the authorities whom it concerns hear it from you, and within the legal time.
Yours: The notification procedure with the deadline of each jurisdiction, and copies of the notices sent, or a signed
statement that there was nothing to notify.

P6.7 none People are told what is held and who received it
Somebody who asks gets a full account of the data about them and of where it went.
Yours: Answered requests of the period, with the data inventory and the register of disclosures from which they were
compiled.

P7.1 none Personal data is accurate and current
Personal data is checked when it comes in and refreshed later, so that nobody is harmed by a stale or wrong record.
Yours: The checks at entry with their tests, reports on data quality, and the reminders by which people confirm their
data.

P8.1 none Complaints are settled and privacy practice is reviewed
A question or complaint about privacy finds somebody who settles it, and whether promises are kept is looked at
regularly.
Yours: The published contact, the log of complaints with dates and outcomes, and the yearly privacy review with what it
corrected.
"""


class Criterion:
    """One criterion, in our own words."""

    __slots__ = ("category", "evidence", "id", "remains", "summary", "title")

    def __init__(self, name: str, evidence: str, title: str, summary: str, remains: str) -> None:
        #: The official id, such as CC6.1.
        self.id = name
        #: The category of the criteria to which it belongs, one of `CATEGORIES`.
        self.category = _SERIES[name.rstrip("0123456789.")]
        #: How far templates go towards it, one of `EVIDENCE`.
        self.evidence = evidence
        #: A short name, stating the state that is wanted.
        self.title = title
        #: What an auditor wants to see.
        self.summary = summary
        #: What stays the user's own work, whatever the templates say: the documents and records to have at hand.
        self.remains = remains

    def __repr__(self) -> str:
        return f"<Criterion {self.id}>"


def _read() -> dict[str, Criterion]:
    found = {}
    for paragraph in _TEXT.strip().split("\n\n"):
        head, _, text = paragraph.partition("\n")
        name, evidence, title = head.split(" ", 2)
        summary, _, remains = text.replace("\n", " ").partition(" Yours: ")
        found[name] = Criterion(name, evidence, title, summary, remains)
    return found


#: Every criterion by its id, in the official order.
CRITERIA = _read()


class UnknownCriterionError(ValueError):
    """An id that no criterion has."""

    def __init__(self, name: str) -> None:
        import difflib

        close = difflib.get_close_matches(name.upper(), CRITERIA, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`soc2 criteria` lists them all."
        super().__init__(f"There is no criterion {name!r}. {hint}")
        self.name = name


def find(name: str) -> Criterion:
    """The criterion of that id, in capitals or not.

    Raises:
        UnknownCriterionError: naming the ids that come close.
    """
    try:
        return CRITERIA[name.upper()]
    except KeyError:
        raise UnknownCriterionError(name) from None
