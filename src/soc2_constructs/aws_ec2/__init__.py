"""Amazon EC2 and Amazon VPC: all of `aws_cdk.aws_ec2`, with networks, instances and volumes that comply."""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from aws_cdk import aws_ec2 as ec2

MYPY = False  # see soc2_constructs.hardening
if not MYPY:
    from aws_cdk.aws_ec2 import *

    __all__ = ["BastionHostLinux", "Instance", "Volume", "Vpc", "flow_log_group"]
    __all__ += ec2.__all__

from soc2_constructs.aws_ec2.instances import BASTION_HOST_LINUX as BASTION_HOST_LINUX
from soc2_constructs.aws_ec2.instances import INSTANCE as INSTANCE
from soc2_constructs.aws_ec2.instances import BastionHostLinux as BastionHostLinux
from soc2_constructs.aws_ec2.instances import Instance as Instance
from soc2_constructs.aws_ec2.networks import VPC as VPC
from soc2_constructs.aws_ec2.networks import Vpc as Vpc
from soc2_constructs.aws_ec2.networks import flow_log_group as flow_log_group
from soc2_constructs.aws_ec2.volumes import VOLUME as VOLUME
from soc2_constructs.aws_ec2.volumes import Volume as Volume

if MYPY:
    from aws_cdk.aws_ec2 import *  # type: ignore[assignment]
