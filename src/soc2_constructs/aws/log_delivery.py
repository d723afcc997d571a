"""Logs that CloudWatch Logs delivers for another service: a source, and a delivery to a destination."""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Verdict, any_of, passed

DELIVERY = "AWS::Logs::Delivery"
DELIVERY_SOURCE = "AWS::Logs::DeliverySource"


def delivers(resource: Resource, *log_types: str) -> Verdict:
    """Whether logs of one of these types are delivered for the resource."""
    return any_of(
        source["LogType"].one_of(*log_types)
        & any_of(passed("it is delivered") for _ in source.referrers(DELIVERY, via="DeliverySourceName"))
        for source in resource.referrers(DELIVERY_SOURCE, via="ResourceArn")
    )
