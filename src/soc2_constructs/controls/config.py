"""AWS Config."""

from __future__ import annotations

from soc2_constructs.aws.places import same_place
from soc2_constructs.cloudformation import Resource, Verdict, all_of, any_of
from soc2_constructs.controls import control

RECORDER = "AWS::Config::ConfigurationRecorder"
DELIVERY_CHANNEL = "AWS::Config::DeliveryChannel"


@control(
    resource_types=RECORDER,
    kind="configuration_detection",
    severity="medium",
    severity_reason="Configuration changes without a record are an exception in an audit.",
    fix="In each region set `recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty("
    "all_supported=True)` and add a `config.CfnDeliveryChannel` (RecordingGroup.AllSupported: true, "
    "AWS::Config::DeliveryChannel).",
    prowler=("config_recorder_all_regions_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC2.1", "CC3.1", "CC3.4", "CC8.1", "PI1.3")},
)
def config_enabled_all_regions(recorder: Resource) -> Verdict:
    """AWS Config records all resource types in every region.

    The record shows which configuration changed and when, and AWS Config rules evaluate only recorded types. Without
    RecordingGroup all regional types are recorded; within it AllSupported defaults to false. A recorder requires a
    delivery channel. The template shows only its own regions, so check in the account that every region has a recorder.

    Nothing is interrupted. AWS Config charges for each recorded change.
    """
    group = recorder["RecordingGroup"]
    return all_of(
        group["AllSupported"].default(group.is_absent).equals(True),
        recorder["StartedOnCreate"].default(True).equals(True),
        any_of(same_place(channel, recorder) for channel in recorder.all_of_type(DELIVERY_CHANNEL)).with_message(
            "no AWS::Config::DeliveryChannel is in the account and region of the recorder"
        ),
    )
