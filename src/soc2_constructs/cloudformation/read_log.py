"""The read log: which parts of its resource a check has read.

A verdict may be reused for another resource only if everything that the check read has the same fingerprint there. So
each accessor of what a check gets records a key. Everything else, another resource or a name, ends the recording: the
verdict is uncacheable.

A check that reads two properties of its own resource, and the type of what refers to it:

>>> class Bucket: pass
>>> bucket, policy = Bucket(), Bucket()
>>> log = ReadLog()
>>> log.start(bucket)
>>> log.read(bucket, "BucketEncryption")
>>> log.read_attribute(bucket, "DeletionPolicy")
>>> log.refer(bucket, "AWS::S3::BucketPolicy", "Bucket", [policy])
>>> log.read(policy, "PolicyDocument")
>>> for key in sorted(log.end(), key=str): print(key)
attribute DeletionPolicy
number of AWS::S3::BucketPolicy via Bucket
property BucketEncryption
referrers' property PolicyDocument of AWS::S3::BucketPolicy via Bucket

A check that reads another resource:

>>> log.start(bucket)
>>> log.read(policy, "PolicyDocument")
>>> log.end() is None
True
"""

from __future__ import annotations

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Kinds of keys. Of the resource itself: a property; a property whose references are compared with the resource; a
#: property regardless of the resources that it refers to; an attribute such as DeletionPolicy; all properties.
PROPERTY = "property"
IDENTITY = "property and identities"
SHAPE = "shape"
ATTRIBUTE = "attribute"
ALL = "all properties"
#: Of the resources that refer to it: how many there are, and the same three kinds of a property.
REFERRERS = "number"
REFERRER_PROPERTY = "referrers' property"
REFERRER_IDENTITY = "referrers' property and identities"
REFERRER_SHAPE = "referrers' shape"


class ReadKey:
    """One thing that was read. Each key exists once, see `read_key`: it is compared by identity, which is fast.

    Attributes:
        kind: One of the kinds above.
        name: The property or the attribute.
        resource_type: The type of the referrers.
        via: The property by which they refer to the resource.
    """

    __slots__ = ("kind", "name", "resource_type", "via")

    def __init__(self, kind: str, name: str = "", resource_type: str = "", via: str = "") -> None:
        self.kind = kind
        self.name = name
        self.resource_type = resource_type
        self.via = via

    def __str__(self) -> str:
        referrers = f"of {self.resource_type} via {self.via}" if self.resource_type else ""
        return " ".join(filter(None, (self.kind, self.name, referrers)))


read_key = functools.cache(ReadKey)


class ReadLog:
    """The keys of what a check reads, from `start` to `end`; at other times nothing is recorded."""

    __slots__ = ("_cacheable", "_identities", "_reads", "_roles", "_subject", "_vias")

    def __init__(self) -> None:
        #: Keys; None while nothing is recorded.
        self._reads: set[ReadKey] | None = None
        self._cacheable = True
        #: Whether the check looked at which resources are referred to.
        self._identities = False
        self._subject: object = None
        #: The property by which resources of a type refer to the subject.
        self._vias: dict[str, str] = {}
        #: By id of a resource that refers to the subject: its type, and the property by which it does.
        self._roles: dict[int, tuple[tuple[str, str], ...]] = {}

    def start(self, subject: object) -> None:
        """Begin to record the reads of a check of the subject."""
        self._reads, self._cacheable, self._identities, self._subject = set(), True, False, subject
        self._roles.clear()
        self._vias.clear()

    def end(self) -> set[ReadKey] | None:
        """The keys that were read, or None where the verdict is uncacheable."""
        reads, self._reads, self._subject = self._reads, None, None
        if not self._cacheable or reads is None:
            return None
        return {_with_identities(key) for key in reads} if self._identities else reads

    def mark_uncacheable(self) -> None:
        """Record a read that no key describes."""
        self._cacheable = False

    def read_identity(self) -> None:
        """Record that the check looked at which resource a reference names."""
        self._identities = True

    def read(self, resource: object, property: str, *, shape: bool = False) -> None:
        """Record the read of a property.

        Args:
            resource: The resource.
            property: The name of the property; all properties where it is empty.
            shape: Whether the resources that the property refers to do not count. Default False.
        """
        if self._reads is None:
            return
        if resource is self._subject:
            self._reads.add(read_key(SHAPE if shape else PROPERTY, property) if property else read_key(ALL))
        elif id(resource) in self._roles and property:
            kind = REFERRER_SHAPE if shape else REFERRER_PROPERTY
            self._reads.update(read_key(kind, property, *role) for role in self._roles[id(resource)])
        else:
            self._cacheable = False

    def read_attribute(self, resource: object, name: str) -> None:
        """Record the read of an attribute beside the properties."""
        if self._reads is None:
            return
        if resource is self._subject:
            self._reads.add(read_key(ATTRIBUTE, name))
        else:
            self._cacheable = False

    def refer(self, target: object, resource_type: str, via: str, sources: Sequence[object]) -> None:
        """Record that the check looked at what refers to a resource."""
        if self._reads is None:
            return
        if target is not self._subject or any(source is target for source in sources):
            self._cacheable = False
            return
        if self._vias.setdefault(resource_type, via) != via:
            # Whether the same resource refers by both properties is in no fingerprint.
            self._cacheable = False
            return
        role = (resource_type, via)
        self._reads.add(read_key(REFERRERS, "", *role))
        for source in sources:
            self._roles[id(source)] = (*self._roles.get(id(source), ()), role)


def _with_identities(key: ReadKey) -> ReadKey:
    if key.kind in (PROPERTY, SHAPE):
        return read_key(IDENTITY, key.name)
    if key.kind in (REFERRER_PROPERTY, REFERRER_SHAPE):
        return read_key(REFERRER_IDENTITY, key.name, key.resource_type, key.via)
    return key


class untracked:
    """A context in which nothing is recorded: an index is the same whichever check needs it first."""

    def __init__(self, log: ReadLog) -> None:
        self._log = log

    def __enter__(self) -> None:
        log = self._log
        self._kept = log._reads, log._cacheable, log._identities
        log._reads = None

    def __exit__(self, *_: object) -> None:
        log = self._log
        log._reads, log._cacheable, log._identities = self._kept
