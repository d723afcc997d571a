"""Proof that hardening breaks no data flow.

- `evaluator`: policy evaluation of IAM and KMS, independent of `soc2_constructs`.
- `world`: templates, as deployed.
- `access`, `services.yaml`: requests, with the key actions and condition keys that AWS documents for them.
- `laws`: rules between resources that no policy states.
- `catalogue`, `apps`: the table of flows.
- `run`, `outcomes.yaml`: the three modes, and the known breaks.
"""
