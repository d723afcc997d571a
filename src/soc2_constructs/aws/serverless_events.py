"""Events of AWS::Serverless::Function that create routes of an API, and their authorizers.

Source: "ApiFunctionAuth", "HttpApiFunctionAuth" and "Controlling API access with your AWS SAM template", AWS SAM
Developer Guide.
"""

from __future__ import annotations

from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Of each type of event: the property that names an API, the type of the API, and the API for events that name none.
_APIS = {
    "Api": ("RestApiId", "AWS::Serverless::Api", "ServerlessRestApi"),
    "HttpApi": ("ApiId", "AWS::Serverless::HttpApi", "ServerlessHttpApi"),
}


def authorizes_events(
    function: Resource, event_type: str, limits: Callable[[Resource], Verdict] = lambda _: failed("no policy")
) -> Verdict:
    """Whether each event of a type has an authorizer, its own or the default one of its API.

    Args:
        function: The function.
        event_type: `"Api"` for REST APIs or `"HttpApi"` for HTTP APIs.
        limits: Whether an API limits its callers in another way. Default: it does not.
    """
    events = function["Events"]
    return all_of(
        passed("each event of type {} has an authorizer", event_type),
        (
            event["Type"].equals(event_type).implies(_authorizes(function, event_type, event["Properties"], limits))
            for event in map(events.member, events.keys())
        ),
    )


def _authorizes(function: Resource, event_type: str, event: Value, limits: Callable[[Resource], Verdict]) -> Verdict:
    own, api = event["Auth"], _api(function, event_type, event)
    is_preflight = event["Method"].satisfies(lambda method: str(method).lower() == "options", "options")
    if not own["Authorizer"].is_absent:
        return is_preflight | ~own["Authorizer"].equals("NONE")
    if api is None:
        from_api = unresolved("the API of an event is not part of the assembly")
    else:
        from_api = api["Auth.DefaultAuthorizer"].is_set() | limits(api)
    return any_of(
        is_preflight, own["ApiKeyRequired"].equals(True), own["ResourcePolicy"].is_set(), from_api
    ).with_message("an event has no authorizer, and its API has no default authorizer", event.path)


def _api(function: Resource, event_type: str, event: Value) -> Resource | None:
    naming, api_type, implicit = _APIS[event_type]
    name = event[naming]
    if not name.is_absent:
        return name.target_of(api_type)
    return next((api for api in function.all_of_type(api_type) if api.logical_id == implicit), None)
