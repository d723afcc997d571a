"""The classes that `enforce` completes; written by scripts/generate.py (`make generate`), never by hand."""

#: By drop-in module and class: the id under which the CDK looks up property injectors.
CLASSES: dict[str, dict[str, str]] = {
    "aws_apigateway": {
        "LambdaRestApi": "aws-cdk-lib.aws-apigateway.LambdaRestApi",
        "RestApi": "aws-cdk-lib.aws-apigateway.RestApi",
        "SpecRestApi": "aws-cdk-lib.aws-apigateway.SpecRestApi",
        "Stage": "aws-cdk-lib.aws-apigateway.Stage",
        "StepFunctionsRestApi": "aws-cdk-lib.aws-apigateway.StepFunctionsRestApi",
    },
    "aws_apigatewayv2": {
        "HttpStage": "aws-cdk-lib.aws-apigatewayv2.HttpStage",
        "WebSocketStage": "aws-cdk-lib.aws-apigatewayv2.WebSocketStage",
    },
    "aws_backup": {
        "BackupVault": "aws-cdk-lib.aws-backup.BackupVault",
    },
    "aws_cloudfront": {
        "Distribution": "aws-cdk-lib.aws-cloudfront.Distribution",
    },
    "aws_cloudtrail": {
        "Trail": "aws-cdk-lib.aws-cloudtrail.Trail",
    },
    "aws_dynamodb": {
        "Table": "aws-cdk-lib.aws-dynamodb.Table",
        "TableV2": "aws-cdk-lib.aws-dynamodb.TableV2",
    },
    "aws_ec2": {
        "BastionHostLinux": "aws-cdk-lib.aws-ec2.BastionHostLinux",
        "Instance": "aws-cdk-lib.aws-ec2.Instance",
        "Volume": "aws-cdk-lib.aws-ec2.Volume",
        "Vpc": "aws-cdk-lib.aws-ec2.Vpc",
    },
    "aws_ecr": {
        "Repository": "aws-cdk-lib.aws-ecr.Repository",
    },
    "aws_efs": {
        "FileSystem": "aws-cdk-lib.aws-efs.FileSystem",
    },
    "aws_elasticloadbalancingv2": {
        "ApplicationLoadBalancer": "aws-cdk-lib.aws-elasticloadbalancingv2.ApplicationLoadBalancer",
        "NetworkLoadBalancer": "aws-cdk-lib.aws-elasticloadbalancingv2.NetworkLoadBalancer",
    },
    "aws_kinesis": {
        "Stream": "aws-cdk-lib.aws-kinesis.Stream",
    },
    "aws_kms": {
        "Key": "aws-cdk-lib.aws-kms.Key",
    },
    "aws_logs": {
        "LogGroup": "aws-cdk-lib.aws-log.LogGroup",
    },
    "aws_rds": {
        "DatabaseCluster": "aws-cdk-lib.aws-rds.DatabaseCluster",
        "DatabaseClusterFromSnapshot": "aws-cdk-lib.aws-rds.DatabaseClusterFromSnapshot",
        "DatabaseInstance": "aws-cdk-lib.aws-rds.DatabaseInstance",
        "DatabaseInstanceFromSnapshot": "aws-cdk-lib.aws-rds.DatabaseInstanceFromSnapshot",
        "DatabaseInstanceReadReplica": "aws-cdk-lib.aws-rds.DatabaseInstanceReadReplica",
        "ServerlessCluster": "aws-cdk-lib.aws-rds.ServerlessCluster",
        "ServerlessClusterFromSnapshot": "aws-cdk-lib.aws-rds.ServerlessClusterFromSnapshot",
    },
    "aws_s3": {
        "Bucket": "aws-cdk-lib.aws-s3.Bucket",
    },
    "aws_sns": {
        "Topic": "aws-cdk-lib.aws-sns.Topic",
    },
    "aws_stepfunctions": {
        "StateMachine": "aws-cdk-lib.aws-stepfunctions.StateMachine",
    },
}
