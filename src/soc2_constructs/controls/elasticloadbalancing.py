"""Elastic Load Balancing: application, network and gateway load balancers, and classic ones."""

from __future__ import annotations

from soc2_constructs.aws.arns import names, naming
from soc2_constructs.aws.log_delivery import accepts_logs, delivers
from soc2_constructs.aws.required import is_given
from soc2_constructs.aws.web_acls import blocks_requests
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.cloudformation.values import text_with
from soc2_constructs.controls import control

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
#: Resource types that associate a web ACL with a load balancer, of AWS WAF and AWS WAF Classic, and the property that
#: names the web ACL.
ASSOCIATIONS = {"AWS::WAFv2::WebACLAssociation": "WebACLArn", "AWS::WAFRegional::WebACLAssociation": "WebACLId"}

_SECURE = ("HTTPS", "SSL")
#: Where a listener names the target groups that it forwards to.
_FORWARDS = ("DefaultActions[].TargetGroupArn", "DefaultActions[].ForwardConfig.TargetGroups[].TargetGroupArn")


def _is_application(balancer: Resource) -> Verdict:
    return balancer["Type"].default("application").equals("application")


def _faces_internet(balancer: Resource | None) -> Verdict:
    if balancer is None:
        return unresolved("the load balancer of the listener is not part of the assembly")
    return balancer["Scheme"].default("internet-facing").equals("internet-facing")


def _attributes(balancer: Resource, key: str) -> list[tuple[Verdict, Value]]:
    """For each attribute of a load balancer, whether it has that key, and its value."""
    return [
        (attribute["Key"].equals(key), attribute["Value"]) for attribute in balancer["LoadBalancerAttributes"].each()
    ]


@control(
    resource_types=BALANCER,
    kind="network_boundary",
    severity="medium",
    severity_reason="Request smuggling also requires a vulnerable server behind the load balancer.",
    fix="Set `drop_invalid_header_fields=True`; where aws_ecs_patterns creates the load balancer, call "
    '`service.load_balancer.set_attribute("routing.http.drop_invalid_header_fields.enabled", "true")` '
    "(LoadBalancerAttributes: routing.http.drop_invalid_header_fields.enabled true).",
    config_rule="ALB_HTTP_DROP_INVALID_HEADER_ENABLED",
    prowler=("elbv2_alb_drop_invalid_header_fields_enabled",),
    aliases=("elb_application_lb_http_drop_invalid_header_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_application_lb_drop_http_headers(balancer: Resource) -> Verdict:
    """Application load balancers drop invalid header fields.

    Header fields that servers interpret differently enable request smuggling. Network and gateway load balancers do not
    process headers, and pass.

    Nothing is interrupted. Header names with characters other than letters, digits and hyphens are dropped, including
    underscores, so check the headers of your clients first.
    """
    key = "routing.http.drop_invalid_header_fields.enabled"
    drops_headers = (
        any_of(is_key & value.equals(True) for is_key, value in _attributes(balancer, key))
        .with_message(f"{key} is not true", balancer["LoadBalancerAttributes"].path)
        .with_pass_message("{} is true", key)
    )
    return _is_application(balancer).implies(drops_headers)


@control(
    resource_types=(BALANCER, CLASSIC),
    kind="logging",
    severity="medium",
    severity_reason="Missing logs are an exception in an audit. They expose no data themselves.",
    fix="Call `balancer.log_access_logs(bucket)` (LoadBalancerAttributes: access_logs.s3.enabled true and "
    "access_logs.s3.bucket; AccessLoggingPolicy for classic load balancers), or deliver ALB_ACCESS_LOGS "
    "(AWS::Logs::DeliverySource and AWS::Logs::Delivery).",
    config_rule=("ELB_LOGGING_ENABLED", "NLB_LOGGING_ENABLED"),
    prowler=("elbv2_logging_enabled", "elb_logging_enabled"),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def elb_application_classic_lb_logging_enabled(balancer: Resource) -> Verdict:
    """Load balancers write access logs.

    Access logs record the client address, the request and the response status. They are the first source in an
    investigation. Gateway load balancers have no access logs. Network load balancers log only TLS connections, so those
    without a TLS listener pass.

    Nothing is interrupted. The bucket must be in the same region and encrypted with Amazon S3 managed keys (SSE-S3).
    Storage of the logs is charged.
    """
    if balancer.type == CLASSIC:
        logging = balancer["AccessLoggingPolicy"]
        name = logging["S3BucketName"]
        return logging["Enabled"].equals(True) & is_given(name) & accepts_logs(name)
    to_bucket = all_of(
        any_of(is_key & value.equals(True) for is_key, value in _attributes(balancer, "access_logs.s3.enabled")),
        # The bucket is required where access logs are enabled (LoadBalancerAttribute in the API reference).
        any_of(is_key & is_given(value) for is_key, value in _attributes(balancer, "access_logs.s3.bucket")),
    )
    # Network load balancers can deliver to a bucket with a customer managed key.
    accepted = _is_application(balancer).implies(
        all_of(accepts_logs(attribute["Value"]) for attribute in balancer["LoadBalancerAttributes"].each())
    )
    to_bucket = to_bucket.with_pass_message("access_logs.s3.enabled is true, and access_logs.s3.bucket is set")
    is_logged = (to_bucket & accepted) | delivers(balancer, "ALB_ACCESS_LOGS", "NLB_ACCESS_LOGS")
    terminates_tls = any_of(
        listener["Protocol"].equals("TLS") for listener in balancer.referrers(LISTENER, via="LoadBalancerArn")
    ).with_message("no listener of the assembly uses TLS")
    return (_is_application(balancer) | terminates_tls).implies(
        is_logged.with_message(
            "access_logs.s3.enabled is not true, or access_logs.s3.bucket names no bucket that accepts the logs",
            balancer["LoadBalancerAttributes"].path,
        )
    )


@control(
    resource_types=(LISTENER, LISTENER_RULE),
    kind="encryption_in_transit",
    severity="high",
    severity_reason="Requests and responses are exposed on the internet.",
    fix="Call `balancer.add_redirect()` instead of a listener on port 80, in aws_ecs_patterns set "
    "`certificate=certificate` and `redirect_http=True`, and give rules of an HTTP listener "
    '`ListenerAction.redirect(protocol="HTTPS")` (DefaultActions and Actions: Type redirect, RedirectConfig.Protocol '
    "HTTPS).",
    config_rule="ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK",
    prowler=("elbv2_ssl_listeners",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_application_lb_redirect_http_request_to_https(listener: Resource) -> Verdict:
    """HTTP listeners that face the internet only redirect to HTTPS.

    Responses over HTTP can be read and changed on the network path. Rules of such a listener must redirect or return a
    fixed response. A redirect that keeps the protocol fails. Internal load balancers pass here but not in the AWS
    Config rule, unless a network load balancer forwards to them from the internet.

    Nothing is interrupted for browsers, which follow the redirect. Clients that do not follow redirects must use the
    HTTPS address.
    """
    if listener.type == LISTENER:
        redirects = _redirects(listener["DefaultActions"])
        return _is_public_http(listener).implies(redirects.with_message("no default action redirects to HTTPS"))
    owner = listener.target("ListenerArn")
    is_public_http = (
        unresolved("the listener of the rule is not part of the assembly") if owner is None else _is_public_http(owner)
    )
    actions = listener["Actions"]
    is_fixed = any_of(action["Type"].equals("fixed-response") for action in actions)
    return is_public_http.implies(
        (_redirects(actions) | is_fixed).with_message("no action redirects to HTTPS or returns a fixed response")
    )


def _is_public_http(listener: Resource) -> Verdict:
    """Whether a listener accepts HTTP from the internet."""
    balancer = listener.target("LoadBalancerArn")
    reached = _faces_internet(balancer)
    if balancer is not None:
        reached |= _is_behind_public_balancer(balancer, listener["Port"])
    return listener["Protocol"].equals("HTTP") & reached


def _is_behind_public_balancer(balancer: Resource, port: Value) -> Verdict:
    """Whether a network load balancer that faces the internet forwards to a port of an application load balancer."""
    return any_of(
        group["Port"].equals(port.known) & _faces_internet(front.target("LoadBalancerArn"))
        for group in balancer.referrers(TARGET_GROUP, via="Targets[].Id")
        for via in _FORWARDS
        for front in group.referrers(LISTENER, via=via)
    )


def _redirects(actions: Value) -> Verdict:
    return any_of(
        action["Type"].equals("redirect") & action["RedirectConfig.Protocol"].equals("HTTPS") for action in actions
    )


@control(
    resource_types=BALANCER,
    kind="network_boundary",
    severity="medium",
    severity_reason="A web ACL is an additional layer; it does not open or close access itself.",
    fix='Add `wafv2.CfnWebACLAssociation(self, "Waf", resource_arn=balancer.load_balancer_arn, '
    "web_acl_arn=acl.web_acl.attr_arn)`, with `acl` a `WebAcl` of soc2_constructs.aws_wafv2 "
    "(AWS::WAFv2::WebACLAssociation.ResourceArn).",
    config_rule="ALB_WAF_ENABLED",
    prowler=("elbv2_waf_acl_attached",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def elb_application_lb_waf_enabled(balancer: Resource) -> Verdict:
    """Application load balancers that face the internet are associated with a web ACL.

    A web ACL blocks known attacks before they reach the application. A web ACL of the assembly without a rule that
    blocks does not count. A web ACL on CloudFront does not count, because
    requests to the address of the load balancer bypass it. Internal load balancers pass here but not in the AWS Config
    rule. AWS WAF does not support network and gateway load balancers, which also pass.

    Nothing is interrupted if new rules run in count mode first. AWS WAF charges for the web ACL, its rules and
    requests.
    """
    is_protected = any_of(
        (
            names(association["ResourceArn"], balancer, "elasticloadbalancing", "Name")
            & blocks_requests(association[acl])
        ).with_pass_message("{} associates a web ACL with the load balancer", association.logical_id)
        for association_type, acl in ASSOCIATIONS.items()
        for association in naming(balancer, association_type, "ResourceArn", "Name")
    ).with_message("no WebACLAssociation gives the load balancer a web ACL that blocks requests")
    return (_is_application(balancer) & _faces_internet(balancer)).implies(is_protected)


def _is_secure(listener: Value) -> Verdict:
    # The CDK writes the protocols of classic listeners in lowercase.
    return listener["Protocol"].satisfies(lambda name: str(name).upper() in _SECURE, "HTTPS or SSL")


@control(
    resource_types=CLASSIC,
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="An expired certificate interrupts the service. It exposes no data.",
    fix="Set `ssl_certificate_arn=certificate.certificate_arn` of an `acm.Certificate` on each listener "
    "(Listeners[].SSLCertificateId).",
    config_rule="ELB_ACM_CERTIFICATE_REQUIRED",
    prowler=("elb_ssl_listeners_use_acm_certificate",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_classic_lb_use_ssl_certificate(balancer: Resource) -> Verdict:
    """Classic load balancers use ACM certificates.

    ACM renews its certificates automatically, while certificates uploaded to IAM expire unless someone replaces them.
    Listeners without TLS have no certificate, and pass.

    Nothing is interrupted.
    """
    return all_of(
        _is_secure(listener).implies(_is_from_acm(listener["SSLCertificateId"]))
        for listener in balancer["Listeners"].each()
    )


def _is_from_acm(certificate: Value) -> Verdict:
    text = text_with(certificate.node, "*")
    if ":acm:" in text or certificate.target_of("AWS::CertificateManager::Certificate") is not None:
        return passed("{} is an ACM certificate", certificate)
    if ":iam:" in text or certificate.target_of("AWS::IAM::ServerCertificate") is not None:
        return failed("{} is an IAM server certificate", certificate, path=certificate.path)
    if certificate.is_absent:
        return failed("{} is not set", certificate, path=certificate.path)
    return unresolved("{} is not known to be an ACM or IAM certificate", certificate, path=certificate.path)


@control(
    resource_types=CLASSIC,
    kind="encryption_in_transit",
    severity="high",
    severity_reason="Requests and responses are exposed on the internet.",
    fix="Set `external_protocol=elb.LoadBalancingProtocol.HTTPS` with a certificate on each listener "
    "(Listeners[].Protocol: HTTPS or SSL).",
    config_rule="ELB_TLS_HTTPS_LISTENERS_ONLY",
    prowler=("elb_ssl_listeners",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_classic_lb_use_tls_https_listeners(balancer: Resource) -> Verdict:
    """Classic load balancers that face the internet accept only TLS.

    Classic load balancers cannot redirect, so an HTTP listener serves plaintext. Waive the control where instances
    terminate TLS behind a TCP listener. Internal load balancers pass here but not in the AWS Config rule.

    Changing a listener interrupts its connections.
    """
    return _faces_internet(balancer).implies(all_of(_is_secure(listener) for listener in balancer["Listeners"].each()))


@control(
    resource_types=(LISTENER, CLASSIC),
    kind="encryption_in_transit",
    severity="medium",
    severity_reason="Current clients negotiate TLS 1.2 or newer; only old ones use the older versions.",
    fix="Set `ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS` (Listener.SslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06; "
    "classic load balancers: Policies[].Attributes Reference-Security-Policy ELBSecurityPolicy-TLS-1-2-2017-01).",
    config_rule=("ELBV2_PREDEFINED_SECURITY_POLICY_SSL_CHECK", "ELB_PREDEFINED_SECURITY_POLICY_SSL_CHECK"),
    prowler=("elbv2_insecure_ssl_ciphers", "elb_insecure_ssl_ciphers"),
)
def elb_listener_tls_1_2(resource: Resource) -> Verdict:
    """HTTPS and TLS listeners require TLS 1.2.

    TLS 1.0 and 1.1 have known weaknesses, and the IETF has deprecated them. The default policy of CloudFormation,
    ELBSecurityPolicy-2016-08, accepts both.

    Nothing is interrupted. Clients that only support older versions cannot connect.
    """
    if resource.type == LISTENER:
        policy = resource["SslPolicy"].default("ELBSecurityPolicy-2016-08")
        return (
            resource["Protocol"]
            .one_of("HTTPS", "TLS")
            .implies(policy.satisfies(_is_tls_1_2, "a policy that requires TLS 1.2"))
        )
    current = [
        policy["PolicyName"].known
        for policy in resource["Policies"].each()
        if any(_is_tls_1_2(attribute["Value"].known) for attribute in policy["Attributes"].each())
    ]
    return all_of(
        _is_secure(listener).implies(
            any_of(name.one_of(*current) for name in listener["PolicyNames"].each() if current).with_message(
                "no policy of a listener requires TLS 1.2", listener.path
            )
        )
        for listener in resource["Listeners"].each()
    )


def _is_tls_1_2(policy: object) -> bool:
    """Whether a predefined policy, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06, accepts TLS 1.2 and newer only.

    Elastic Load Balancing User Guide, "Security policies for your Application Load Balancer".
    """
    prefix, *parts = str(policy).split("-")
    return prefix == "ELBSecurityPolicy" and parts[1:3] in (["1", "2"], ["1", "3"])
