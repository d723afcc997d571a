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
    fix="Set `recording_group=CfnConfigurationRecorder.RecordingGroupProperty(all_supported=True)` and add a "
    "`CfnDeliveryChannel` (RecordingGroup.AllSupported: true, AWS::Config::DeliveryChannel), in each region.",
    prowler=("config_recorder_all_regions_enabled",),
    live_only=True,
    also_mapped={"Powerpipe": ("CC2.1", "CC3.1", "CC3.4", "CC8.1", "PI1.3")},
)
def config_enabled_all_regions(recorder: Resource) -> Verdict:
    """AWS Config records resources of every type.

    Without a record nobody can tell what changed, and rules judge only what is recorded. Without RecordingGroup AWS
    Config records all types of the region; AllSupported that is left out of one counts as false. A recorder needs a
    delivery channel beside it to run. More types cost per change that is recorded. A template shows the regions that it
    is deployed to: whether none is left out, and one records the global types of IAM, stays to be seen in the account.
    """
    group = recorder["RecordingGroup"]
    return all_of(
        group["AllSupported"].default(group.is_absent).equals(True),
        recorder["StartedOnCreate"].default(True).equals(True),
        any_of(same_place(channel, recorder) for channel in recorder.all_of_type(DELIVERY_CHANNEL)).with_message(
            "no delivery channel stands beside the recorder, so it cannot run"
        ),
    )
