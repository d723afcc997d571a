"""The construct tree of a CDK app, as the CDK writes it into a cloud assembly: the class of each construct."""

from __future__ import annotations

from soc2_constructs.cloudformation.documents import read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ConstructTree:
    """The classes of constructs by path. The file is large, so it is read on first use.

    Args:
        path: `tree.json` of a cloud assembly.
    """

    __slots__ = ("_path", "_root")

    def __init__(self, path: str) -> None:
        self._path = path
        self._root: Any = None

    def class_of(self, construct_path: str) -> str | None:
        """The class of a construct, such as ``"aws-cdk-lib.aws_s3.Bucket"``; None where the tree has no such construct.

        Args:
            construct_path: The path from the app: ``"Stack/Bucket"``.
        """
        if self._root is None:
            self._root = read_document(self._path).get("tree")
        node = self._root
        for step in construct_path.split("/"):
            children = node.get("children") if type(node) is dict else None
            node = children.get(step) if type(children) is dict else None
        info = node.get("constructInfo") if type(node) is dict else None
        fqn = info.get("fqn") if type(info) is dict else None
        return fqn if type(fqn) is str else None
