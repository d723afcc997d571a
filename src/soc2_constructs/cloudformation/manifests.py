"""Cloud assemblies: the artifacts of a manifest, and the files that an asset manifest publishes.

Source: "Cloud assemblies", AWS CDK Developer Guide.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.errors import InputError
from soc2_constructs.cloudformation.metadata import Metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn


class Asset:
    """A file that the deployment uploads.

    Attributes:
        path: The file, relative to the folder of the asset manifest.
        bucket: The name of the bucket, with pseudo parameters in `${}`; None where the manifest does not have it.
        key: The object key.
    """

    __slots__ = ("bucket", "key", "path")

    def __init__(self, path: str, bucket: str | None, key: str) -> None:
        self.path = path
        self.bucket = bucket
        self.key = key


def text_or_none(value: Any) -> str | None:
    """The value where it is a string."""
    return value if type(value) is str else None


def major_version(manifest: dict[str, Any]) -> int:
    """The major version of the schema of an assembly; 0 where the manifest has none."""
    major = str(manifest.get("version")).partition(".")[0]
    return int(major) if major.isdecimal() and major.isascii() and len(major) < 10 else 0


def is_inside(path: str, root: str) -> bool:
    """Whether a path is inside a folder, symbolic links resolved."""
    try:
        root = os.path.realpath(root)
        return os.path.commonpath([root, os.path.realpath(path)]) == root
    except ValueError:
        # Another drive, or an invalid path.
        return False


def artifacts_of(path: str, manifest: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The artifacts of a manifest by name, each with an object of properties."""

    def refuse(place: str) -> NoReturn:
        raise InputError(path, problem=f"{place} is not an object", remedy="Run `cdk synth` again")

    artifacts = manifest.get("artifacts")
    if type(artifacts) is not dict:
        refuse("`artifacts`")
    for name, artifact in artifacts.items():
        if type(artifact) is not dict:
            refuse(f"artifact {name}")
        if artifact.get("properties") is None:
            artifact["properties"] = {}
        if type(artifact["properties"]) is not dict:
            refuse(f"`properties` of artifact {name}")
    return sorted(artifacts.items())


def member(manifest: str, root: str, folder: str, artifact: str, name: Any) -> str:
    """The path of a file in a manifest.

    Raises:
        InputError: where the file is missing or outside the assembly.
    """
    if type(name) is not str or not name:
        raise InputError(manifest, problem=f"artifact {artifact} names no file", remedy="Run `cdk synth` again")
    path = os.path.normpath(os.path.join(folder, name))
    if not is_inside(path, root):
        raise InputError(
            manifest,
            problem=f"artifact {artifact} names {name}, which is outside the assembly",
            remedy="Run `cdk synth` again; do not edit the manifest",
        )
    if not os.path.exists(path):
        raise InputError(
            manifest, problem=f"artifact {artifact} names {name}, which does not exist", remedy="Run `cdk synth` again"
        )
    return path


def assets_of(manifest: dict[str, Any]) -> Iterator[Asset]:
    """Every file of an asset manifest, once for each object that it is uploaded to."""
    files = manifest.get("files")
    for file in files.values() if type(files) is dict else ():
        source = file.get("source") if type(file) is dict else None
        path = source.get("path") if type(source) is dict else None
        destinations = file.get("destinations") if type(file) is dict else None
        for destination in destinations.values() if type(destinations) is dict else ():
            key = destination.get("objectKey") if type(destination) is dict else None
            if type(path) is str and type(key) is str and key:
                yield Asset(path, text_or_none(destination.get("bucketName")), key)


def environment_of(text: Any) -> tuple[str | None, str | None]:
    """Account and region of ``aws://123456789012/eu-central-1``; None where the stack is environment-agnostic."""
    if type(text) is not str or not text.startswith("aws://"):
        return None, None
    account, _, region = text.removeprefix("aws://").partition("/")
    return (
        account if account and not account.startswith("unknown") else None,
        region if region and not region.startswith("unknown") else None,
    )


def metadata_of(manifest: str, root: str, folder: str, name: str, artifact: dict[str, Any]) -> Metadata:
    """The construct metadata of a stack, from the manifest and from the file beside the template."""
    additional = artifact.get("additionalMetadataFile")
    if type(additional) is not str:
        return Metadata(artifact.get("metadata"))
    return Metadata(artifact.get("metadata"), lambda: member(manifest, root, folder, name, additional))
