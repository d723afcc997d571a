"""What a check looked at: of resources that say the same there, it says the same."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soc2_constructs.cloudformation.template import Resource


class Trace:
    """What a check asked for, from its start on.

    It is written down as names of prints, for `Resource.print_of`: of the properties of the resource that is judged,
    and of those of the resources that refer to it. Whatever else a check looks at, other resources or a place, leaves
    the trace: nobody can tell then what it would say of another resource.

    A name is that of a property; with `~` before it, references to resources do not count. Of what refers to the
    resource it is ``<``, what is asked, the type, the property that refers, and the property: how many there are (`#`),
    what they say (`=`), and what they say where the one that is judged goes by no name (`@`).
    """

    __slots__ = ("_roles", "names", "reads", "subject", "within")

    def __init__(self) -> None:
        #: Names of prints; None where nobody traces.
        self.reads: set[str] | None = None
        #: Whether it counts which resources are named.
        self.names = True
        #: Whether nothing else was asked for.
        self.within = True
        #: The resource that is judged.
        self.subject: Resource | None = None
        #: By resource: as what it refers to the one that is judged.
        self._roles: dict[int, tuple[str, ...]] = {}

    def start(self, subject: Resource) -> None:
        self.reads, self.within, self.subject = set(), True, subject
        self._roles.clear()

    def end(self) -> set[str] | None:
        """The names of prints, or None where the check asked for more than that."""
        reads, self.reads, self.subject = self.reads, None, None
        return reads if self.within else None

    def leave(self) -> None:
        self.within = False

    def read(self, resource: Resource, property: str, sign: str = "=") -> None:
        """A property of a resource is read."""
        if self.reads is None:
            return
        if resource is self.subject:
            self.reads.add(f"~{property}" if sign == "~" else property)
        elif id(resource) in self._roles:
            sign = "=" if sign == "=" else "@"
            self.reads.update(f"<{sign}{role}|{property}" for role in self._roles[id(resource)])
        else:
            self.within = False

    def name(self, resource: Resource, path: tuple[str | int, ...]) -> None:
        """The resources that a property names are looked at."""
        if self.names:
            self.read(resource, str(path[0]), "@")

    def refer(self, target: Resource, kind: str, via: str, sources: list[Resource]) -> None:
        """What refers to a resource is asked for."""
        if self.reads is None:
            return
        if target is not self.subject or any(source is target for source in sources):
            self.within = False
            return
        role = f"{kind}|{via}"
        self.reads.add(f"<#{role}|")
        for source in sources:
            self._roles[id(source)] = (*self._roles.get(id(source), ()), role)


class apart:
    """Within it nothing is traced: an index is the same whoever asks for it first."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._kept = self._trace.reads, self._trace.within
        self._trace.reads = None

    def __exit__(self, *_: object) -> None:
        self._trace.reads, self._trace.within = self._kept
