"""Templates that resources of a template deploy: nested stacks, stack sets, applications, and products.

Source: the pages of the resource types in the AWS CloudFormation Template Reference.
"""

from __future__ import annotations

import os

from soc2_constructs.cloudformation.gaps import APPLICATION, NOT_HERE, PRODUCT, STACK, STACK_SET
from soc2_constructs.cloudformation.parameters import URL_SUFFIXES, is_scalar
from soc2_constructs.cloudformation.values import ABSENT, Text, as_string, format_value, text_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from soc2_constructs.cloudformation.manifests import Asset
    from soc2_constructs.cloudformation.resource import Resource, Value

#: Types that deploy templates, with the path of the URL of each template.
URLS = {
    STACK: "TemplateURL",
    STACK_SET: "TemplateURL",
    APPLICATION: "Location",
    PRODUCT: "ProvisioningArtifactParameters[].Info.LoadTemplateFromURL",
}
#: Types that can contain their template in the property TemplateBody.
WITH_BODY = (STACK, STACK_SET)
#: Types whose template is deployed as a nested stack: it gets their parameters, account and region.
NESTED = (STACK, APPLICATION)

_OPEN = "*"


def file_at(url: Value, assets: Iterable[Asset], claimed: str | None) -> tuple[str | None, str]:
    """The file that a URL in a template names, relative to the folder of the template; else None and the reason.

    Args:
        url: The URL.
        assets: The files that the asset manifests of the folder publish.
        claimed: The file that the metadata of the resource names, which anyone can write. Without a URL it is used.
    """
    node = url.node
    if node is ABSENT:
        return claimed, "" if claimed is not None else NOT_HERE
    found = next((asset.path for asset in assets if _publishes(asset, url)), None)
    if found is None and type(node) is str and "://" not in node:
        found = node
    if found is None:
        if claimed is None:
            return None, NOT_HERE
        return None, f"no asset manifest shows that {url} is {format_value(claimed)}, which its metadata names"
    if claimed is not None and os.path.normpath(claimed) != os.path.normpath(found):
        return None, f"{url} is {format_value(found)}, but its metadata names {format_value(claimed)}"
    return found, ""


def _publishes(asset: Asset, url: Value) -> bool:
    """Whether a URL is the address of an asset: its key, in its bucket, at an endpoint of Amazon S3."""
    node = url.node
    end = node.parts[-1] if type(node) is Text else node
    if type(end) is not str or not end.endswith(asset.key):
        return False
    scheme, _, rest = text_with(node, _OPEN).partition("://")
    host, _, path = rest.partition("/")
    if asset.bucket is None:
        return path == asset.key or path.endswith(f"/{asset.key}")
    bucket = text_with(url.resource._scope.resolve({"Fn::Sub": asset.bucket}), _OPEN)
    if scheme == "s3":
        return host == bucket and path == asset.key
    if scheme != "https" or not host.endswith((_OPEN, *(f".{suffix}" for suffix in URL_SUFFIXES))):
        return False
    if host.startswith(("s3.", "s3-")):
        return path == f"{bucket}/{asset.key}"
    return host.startswith((f"{bucket}.s3.", f"{bucket}.s3-")) and path == asset.key


def with_parameters(document: dict[str, Any], stack_set: Resource) -> dict[str, Any]:
    """The template of a stack set in which each parameter has the one value that the stack set gives it.

    A stack set whose instances override parameters leaves every value of the template possible.
    """
    parameters = document.get("Parameters")
    overridden = any(not group["ParameterOverrides"].is_absent for group in stack_set.values("StackInstancesGroup[]"))
    if type(parameters) is not dict or overridden:
        return document
    fixed = dict(parameters)
    for given in stack_set.values("Parameters[]"):
        name, value = given["ParameterKey"].known, given["ParameterValue"].known
        if type(name) is str and type(fixed.get(name)) is dict and is_scalar(value):
            fixed[name] = {**fixed[name], "Default": as_string(value), "AllowedValues": [as_string(value)]}
    return {**document, "Parameters": fixed}
