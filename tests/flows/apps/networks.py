"""Networks: connections by security groups, and users of the default security group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_ecs as ecs

from flows.access import Fact, Need, resource_of
from flows.catalogue import Site, flow
from flows.world import Resource, World


def _reaches(client: Any, server: Any, port: int) -> Fact:
    """A connection from one security group to another, by the rules of both."""

    def connects(world: World) -> str | None:
        source, target = _groups(world, client), _groups(world, server)
        into = any(_lets(world, group, "Ingress", port, source) for group in target)
        out = any(_lets(world, group, "Egress", port, target) for group in source)
        if not into:
            return f"no security group of {server.node.path} lets {client.node.path} in on {port}"
        return None if out else f"no security group of {client.node.path} lets it out on {port}"

    name = f"{client.node.path} reaches {server.node.path} on {port}"
    return Fact(name, "Amazon VPC: Control traffic to your AWS resources using security groups", connects, server)


def _groups(world: World, construct: Any) -> list[Resource]:
    made = [resource_of(world, each) for each in construct.connections.security_groups]
    return [each for each in made if each.type == "AWS::EC2::SecurityGroup"]


def _lets(world: World, group: Resource, way: str, port: int, others: list[Resource]) -> bool:
    id = f"{group.name}-GroupId"
    rules = [*group.get(f"SecurityGroup{way}", [])]
    rules += [
        each.properties
        for each in world.all(f"AWS::EC2::SecurityGroup{way}")
        if each.get("GroupId") in (id, group.name)
    ]
    names = {f"{each.name}-GroupId" for each in others} | {each.name for each in others}
    peer = "SourceSecurityGroupId" if way == "Ingress" else "DestinationSecurityGroupId"
    for rule in rules:
        everyone = rule.get("CidrIp") in ("0.0.0.0/0", "10.0.0.0/16")
        fits = str(rule.get("IpProtocol")) == "-1" or int(rule["FromPort"]) <= port <= int(rule["ToPort"])
        if fits and (everyone or rule.get(peer) in names):
            return True
    return False


def _default_group_stays(vpc: Any) -> Fact:
    def keeps(world: World) -> str | None:
        emptied = world.all("Custom::VpcRestrictDefaultSG")
        return f"{emptied[0]} empties the default security group" if emptied else None

    page = "Amazon VPC: Default security groups for your VPCs"
    return Fact("the default security group lets its members in", page, keeps, vpc)


def _database(site: Site, vpc: Any) -> Any:
    rds, ec2 = site.m.rds, site.m.ec2
    return rds.DatabaseInstance(
        site.stack,
        "Database",
        engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_9),
        vpc=vpc,
        instance_type=ec2.InstanceType("t4g.small"),
    )


@flow
def function_reaches_database(site: Site) -> Iterator[Need]:
    """A function in the VPC reaches a database by its security group."""
    vpc = site.vpc()
    database, function = _database(site, vpc), site.function(vpc=vpc)
    database.connections.allow_default_port_from(function)
    yield _reaches(function, database, 5432)


@flow
def service_reaches_database(site: Site) -> Iterator[Need]:
    """An ECS service reaches a database by its security group."""
    vpc = site.vpc()
    database = _database(site, vpc)
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    task.add_container("App", image=ecs.ContainerImage.from_registry("nginx"))
    cluster = ecs.Cluster(site.stack, "Cluster", vpc=vpc)
    fargate = ecs.FargateService(site.stack, "Service", cluster=cluster, task_definition=task)
    database.connections.allow_default_port_from(fargate)
    yield _reaches(fargate, database, 5432)


@flow
def instance_reaches_database(site: Site) -> Iterator[Need]:
    """An EC2 instance reaches a cluster by its security group."""
    ec2, rds = site.m.ec2, site.m.rds
    vpc = site.vpc()
    instance = ec2.Instance(
        site.stack,
        "Instance",
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    cluster = rds.DatabaseCluster(
        site.stack,
        "Cluster",
        engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_9),
        vpc=vpc,
        writer=rds.ClusterInstance.serverless_v2("Writer"),
    )
    cluster.connections.allow_default_port_from(instance)
    yield _reaches(instance, cluster, 5432)


@flow
def members_of_default_security_group(site: Site) -> Iterator[Need]:
    """Two instances (L1) in the default security group reach each other."""
    ec2, vpc = site.m.ec2, site.vpc()
    for id in ("A", "B"):
        ec2.CfnInstance(
            site.stack,
            id,
            image_id="ami-12345678",
            instance_type="t3.micro",
            subnet_id=vpc.private_subnets[0].subnet_id,
            security_group_ids=[vpc.vpc_default_security_group],
        )
    yield _default_group_stays(vpc)


@flow
def instances_without_security_group(site: Site) -> Iterator[Need]:
    """Two instances (L1) that name no security group are in the default one."""
    ec2, vpc = site.m.ec2, site.vpc()
    for id in ("A", "B"):
        ec2.CfnInstance(
            site.stack,
            id,
            image_id="ami-12345678",
            instance_type="t3.micro",
            subnet_id=vpc.private_subnets[0].subnet_id,
        )
    yield _default_group_stays(vpc)


@flow
def function_in_default_security_group(site: Site) -> Iterator[Need]:
    """A function in the default security group reaches a cache in it."""
    ec2, vpc = site.m.ec2, site.vpc()
    group = ec2.SecurityGroup.from_security_group_id(site.stack, "Default", vpc.vpc_default_security_group)
    site.function(vpc=vpc, security_groups=[group])
    yield _default_group_stays(vpc)


@flow
def interface_endpoint_in_default_security_group(site: Site) -> Iterator[Need]:
    """An interface endpoint (L1) that names no security group is in the default one."""
    ec2, vpc = site.m.ec2, site.vpc()
    ec2.CfnVPCEndpoint(
        site.stack,
        "Endpoint",
        service_name="com.amazonaws.us-east-1.secretsmanager",
        vpc_id=vpc.vpc_id,
        vpc_endpoint_type="Interface",
        subnet_ids=[each.subnet_id for each in vpc.private_subnets],
    )
    yield _default_group_stays(vpc)


@flow
def nat_instance_is_public(site: Site) -> Iterator[Need]:
    """A NAT instance serves private subnets: it has a public address and no source check."""
    ec2 = site.m.ec2
    provider = ec2.NatProvider.instance_v2(instance_type=ec2.InstanceType("t3.micro"))
    vpc = ec2.Vpc(site.stack, "Vpc", nat_gateways=1, nat_gateway_provider=provider)

    def routes(world: World) -> str | None:
        instances = world.all("AWS::EC2::Instance")
        if not instances:
            return "there is no NAT instance"
        if instances[0].get("SourceDestCheck") is not False:
            return "the NAT instance checks the source"
        interfaces = instances[0].get("NetworkInterfaces", [])
        public = any(each.get("AssociatePublicIpAddress") in (True, "true") for each in interfaces)
        return None if public or not interfaces else "the NAT instance has no public address"

    yield Fact("the NAT instance routes", "Amazon VPC: NAT instances", routes, vpc)


@flow
def load_balancer_serves_the_internet(site: Site) -> Iterator[Need]:
    """An internet-facing application load balancer answers everyone over HTTP."""
    elb = site.m.elasticloadbalancingv2
    balancer = elb.ApplicationLoadBalancer(site.stack, "Balancer", vpc=site.vpc(), internet_facing=True)
    action = elb.ListenerAction.fixed_response(200)
    balancer.add_listener("Listener", port=80, protocol=elb.ApplicationProtocol.HTTP, default_action=action)

    def answers(world: World) -> str | None:
        made = resource_of(world, balancer)
        if made.get("Scheme") != "internet-facing":
            return f"the scheme is {made.get('Scheme')}"
        listeners = [each for each in world.all("AWS::ElasticLoadBalancingV2::Listener") if each.get("Port") == 80]
        return None if listeners else "no listener answers on port 80"

    page = "Elastic Load Balancing: Create an HTTP listener for your Application Load Balancer"
    yield Fact("the load balancer answers", page, answers, balancer)


@flow
def load_balancer_reaches_service(site: Site) -> Iterator[Need]:
    """A load balancer reaches an ECS service by its security group."""
    elb, vpc = site.m.elasticloadbalancingv2, site.vpc()
    task = ecs.FargateTaskDefinition(site.stack, "Task")
    container = task.add_container("App", image=ecs.ContainerImage.from_registry("nginx"))
    container.add_port_mappings(ecs.PortMapping(container_port=80))
    cluster = ecs.Cluster(site.stack, "Cluster", vpc=vpc)
    fargate = ecs.FargateService(site.stack, "Service", cluster=cluster, task_definition=task)
    balancer = elb.ApplicationLoadBalancer(site.stack, "Balancer", vpc=vpc)
    listener = balancer.add_listener("Listener", port=80, protocol=elb.ApplicationProtocol.HTTP)
    listener.add_targets("Service", port=80, targets=[fargate])
    yield _reaches(balancer, fargate, 80)


@flow
def client_mounts_by_security_group(site: Site) -> Iterator[Need]:
    """A function reaches a file system by its security group."""
    vpc = site.vpc()
    system = site.m.efs.FileSystem(site.stack, "Files", vpc=vpc)
    function = site.function(vpc=vpc)
    system.connections.allow_default_port_from(function)
    yield _reaches(function, system, 2049)


@flow
def clients_connect_to_database_without_tls(site: Site) -> Iterator[Need]:
    """Clients of a MySQL database connect without TLS, which MySQL allows by default."""
    rds, ec2 = site.m.rds, site.m.ec2
    database = rds.DatabaseInstance(
        site.stack,
        "Database",
        engine=rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_6),
        vpc=site.vpc(),
        instance_type=ec2.InstanceType("t4g.small"),
    )

    def takes_plain_text(world: World) -> str | None:
        name = resource_of(world, database).get("DBParameterGroupName")
        group = world.find(name, "AWS::RDS::DBParameterGroup") if name else None
        required = group is not None and str(group.get("Parameters", {}).get("require_secure_transport", "0"))
        return "the parameter group requires TLS" if required in ("1", "ON") else None

    page = "Amazon RDS: Requiring SSL/TLS for all connections to a MySQL DB instance"
    yield Fact("the database takes connections without TLS", page, takes_plain_text, database)
