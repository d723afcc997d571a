"""Elastic Load Balancing: application, network and gateway load balancers, and classic ones."""

from __future__ import annotations

from soc2_constructs.aws.arns import names
from soc2_constructs.aws.log_delivery import delivers
from soc2_constructs.cloudformation import Resource, Value, Verdict, all_of, any_of, failed, passed, unresolved
from soc2_constructs.cloudformation.values import text_with
from soc2_constructs.controls import control

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
#: What associates a web ACL with a load balancer: WAF, and WAF Classic.
ASSOCIATIONS = ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation")

_SECURE = ("HTTPS", "SSL")


def _is_application(balancer: Resource) -> Verdict:
    return balancer["Type"].default("application").equals("application")


def _faces_internet(balancer: Resource | None) -> Verdict:
    if balancer is None:
        return unresolved("its load balancer is not part of the assembly")
    return balancer["Scheme"].default("internet-facing").equals("internet-facing")


def _attributes(balancer: Resource, key: str) -> list[tuple[Verdict, Value]]:
    """Each attribute of a load balancer: whether it is the one of that key, and its value."""
    return [
        (attribute["Key"].equals(key), attribute["Value"]) for attribute in balancer["LoadBalancerAttributes"].each()
    ]


@control(
    resource_types=BALANCER,
    kind="network_boundary",
    severity="medium",
    fix="Set `drop_invalid_header_fields=True`; where aws_ecs_patterns makes the load balancer, call "
    '`service.load_balancer.set_attribute("routing.http.drop_invalid_header_fields.enabled", "true")` '
    "(LoadBalancerAttributes: routing.http.drop_invalid_header_fields.enabled true).",
    config_rule="ALB_HTTP_DROP_INVALID_HEADER_ENABLED",
    prowler=("elbv2_alb_drop_invalid_header_fields_enabled",),
    aliases=("elb_application_lb_http_drop_invalid_header_enabled",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_application_lb_drop_http_headers(balancer: Resource) -> Verdict:
    """Application load balancers drop malformed headers.

    Headers that two servers read differently are how requests are smuggled past a check. Names with anything but
    letters, digits and hyphens are dropped: underscores too, so look what your clients send. Nothing is interrupted.
    Network and gateway load balancers do not look at headers, and pass.
    """
    dropped = any_of(
        named & value.equals(True)
        for named, value in _attributes(balancer, "routing.http.drop_invalid_header_fields.enabled")
    ).with_message(
        "routing.http.drop_invalid_header_fields.enabled is not true", balancer["LoadBalancerAttributes"].path
    )
    return _is_application(balancer).implies(dropped)


@control(
    resource_types=(BALANCER, CLASSIC),
    kind="logging",
    severity="medium",
    fix="Call `balancer.log_access_logs(bucket)` (LoadBalancerAttributes: access_logs.s3.enabled true and "
    "access_logs.s3.bucket; of classic load balancers AccessLoggingPolicy), or deliver ALB_ACCESS_LOGS "
    "(AWS::Logs::DeliverySource and AWS::Logs::Delivery).",
    config_rule=("ELB_LOGGING_ENABLED", "NLB_LOGGING_ENABLED"),
    prowler=("elbv2_logging_enabled", "elb_logging_enabled"),
    also_mapped={"inferred": ("CC7.2", "CC7.3", "A1.2", "PI1.2")},
)
def elb_application_classic_lb_logging_enabled(balancer: Resource) -> Verdict:
    """Load balancers write access logs.

    Who asked for what, from where, and what was answered. The bucket has to be in the same region and encrypted with
    S3's own keys. Nothing is interrupted; storage costs. Gateway load balancers have no access logs, and network load
    balancers only of TLS: those without a TLS listener pass.
    """
    if balancer.type == CLASSIC:
        logging = balancer["AccessLoggingPolicy"]
        return logging["Enabled"].equals(True) & logging["S3BucketName"].is_set()
    to_bucket = all_of(
        any_of(named & value.equals(True) for named, value in _attributes(balancer, "access_logs.s3.enabled")),
        any_of(named & value.is_set() for named, value in _attributes(balancer, "access_logs.s3.bucket")),
    )
    logged = to_bucket | delivers(balancer, "ALB_ACCESS_LOGS", "NLB_ACCESS_LOGS")
    terminates = any_of(
        listener["Protocol"].equals("TLS") for listener in balancer.referrers(LISTENER, via="LoadBalancerArn")
    ).with_message("no listener of the assembly answers TLS")
    return (_is_application(balancer) | terminates).implies(
        logged.with_message(
            "access_logs.s3.enabled is not true, or access_logs.s3.bucket is not set",
            balancer["LoadBalancerAttributes"].path,
        )
    )


@control(
    resource_types=(LISTENER, LISTENER_RULE),
    kind="encryption_in_transit",
    severity="high",
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

    What is answered in plain text can be read and changed on its way. Rules of such a listener redirect too, or answer
    with a fixed response, which reveals nothing. A redirect that keeps the protocol leads nowhere. Internal load
    balancers pass, other than in the AWS Config rule. Clients that follow no redirects have to be told the new address.
    """
    if listener.type == LISTENER:
        return _is_plain(listener).implies(_redirects(listener["DefaultActions"]))
    owner = listener.target("ListenerArn")
    plain = unresolved("its listener is not part of the assembly") if owner is None else _is_plain(owner)
    actions = listener["Actions"]
    return plain.implies(_redirects(actions) | any_of(entry["Type"].equals("fixed-response") for entry in actions))


def _is_plain(listener: Resource) -> Verdict:
    """Whether the internet reaches a listener over HTTP."""
    return listener["Protocol"].equals("HTTP") & _faces_internet(listener.target("LoadBalancerArn"))


def _redirects(actions: Value) -> Verdict:
    return any_of(
        action["Type"].equals("redirect") & action["RedirectConfig.Protocol"].equals("HTTPS") for action in actions
    )


@control(
    resource_types=BALANCER,
    kind="network_boundary",
    severity="medium",
    fix='Add `wafv2.CfnWebACLAssociation(self, "Waf", resource_arn=balancer.load_balancer_arn, '
    "web_acl_arn=acl.web_acl.attr_arn)`, with `acl` a `WebAcl` of soc2_constructs.aws_wafv2 "
    "(AWS::WAFv2::WebACLAssociation.ResourceArn).",
    config_rule="ALB_WAF_ENABLED",
    prowler=("elbv2_waf_acl_attached",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.6")},
)
def elb_application_lb_waf_enabled(balancer: Resource) -> Verdict:
    """Application load balancers that face the internet sit behind a web ACL.

    A web ACL turns away what is known to be an attack before the application sees it. One at CloudFront does not count:
    whoever knows the load balancer's address goes around it. Internal load balancers pass, other than in the AWS
    Config rule, and so do network and gateway ones, which WAF cannot protect. Watch new rules in count mode first.
    """
    protected = any_of(
        names(association["ResourceArn"], balancer, "elasticloadbalancing", "Name")
        for kind in ASSOCIATIONS
        for association in balancer.all_of_type(kind)
    ).with_message("no WebACLAssociation names it")
    return (_is_application(balancer) & _faces_internet(balancer)).implies(protected)


def _is_secure(listener: Value) -> Verdict:
    # The CDK writes the protocols of classic listeners in small letters.
    return listener["Protocol"].satisfies(lambda found: str(found).upper() in _SECURE, "HTTPS or SSL")


@control(
    resource_types=CLASSIC,
    kind="encryption_in_transit",
    severity="medium",
    fix="Set `ssl_certificate_arn=certificate.certificate_arn` of an `acm.Certificate` on each listener "
    "(Listeners[].SSLCertificateId).",
    config_rule="ELB_ACM_CERTIFICATE_REQUIRED",
    prowler=("elb_ssl_listeners_use_acm_certificate",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_classic_lb_use_ssl_certificate(balancer: Resource) -> Verdict:
    """Classic load balancers use ACM certificates.

    ACM renews its certificates by itself; one that was uploaded to IAM expires on a weekend. Listeners without TLS have
    no certificate: another control is about those. A new certificate interrupts nothing.
    """
    return all_of(
        _is_secure(listener).implies(_is_from_acm(listener["SSLCertificateId"]))
        for listener in balancer["Listeners"].each()
    )


def _is_from_acm(certificate: Value) -> Verdict:
    text = text_with(certificate.node, "*")
    if ":acm:" in text or certificate.target_of("AWS::CertificateManager::Certificate") is not None:
        return passed("{} is a certificate of ACM", certificate)
    if ":iam:" in text or certificate.target_of("AWS::IAM::ServerCertificate") is not None:
        return failed("{} is a certificate that was uploaded to IAM", certificate, path=certificate.path)
    if certificate.is_absent:
        return failed("{} is not set", certificate, path=certificate.path)
    return unresolved("the template does not tell where the certificate is from", path=certificate.path)


@control(
    resource_types=CLASSIC,
    kind="encryption_in_transit",
    severity="high",
    fix="Set `external_protocol=elb.LoadBalancingProtocol.HTTPS` with a certificate on each listener "
    "(Listeners[].Protocol: HTTPS or SSL).",
    config_rule="ELB_TLS_HTTPS_LISTENERS_ONLY",
    prowler=("elb_ssl_listeners",),
    also_mapped={"Powerpipe": ("CC6.1", "CC6.2", "CC6.7")},
)
def elb_classic_lb_use_tls_https_listeners(balancer: Resource) -> Verdict:
    """Classic load balancers that face the internet listen on TLS only.

    A classic load balancer cannot redirect: what listens on HTTP serves plain text. Where the instances themselves
    answer TLS behind a TCP listener, say so in a waiver. Internal load balancers pass, other than in the AWS Config
    rule. To change a listener interrupts its connections.
    """
    return _faces_internet(balancer).implies(all_of(_is_secure(listener) for listener in balancer["Listeners"].each()))
