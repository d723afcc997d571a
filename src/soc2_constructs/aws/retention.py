"""Retention and rotation periods, shared by the defaults of constructs and the thresholds of controls."""

from __future__ import annotations

#: The minimum retention of recovery points, in days: the default of the AWS Config rule
#: backup-recovery-point-minimum-retention-check, and the maximum of automated backups in Amazon RDS.
BACKUP_RETENTION_DAYS = 35

#: The minimum retention of log events, in days: the default of the AWS Config rule cw-loggroup-retention-period-check.
LOG_RETENTION_DAYS = 365

#: The maximum period between two rotations of a KMS key, in days: the default of AWS KMS, and the period in which NIST
#: SP 800-57 and payment card standards expect a new key.
KEY_ROTATION_DAYS = 365
