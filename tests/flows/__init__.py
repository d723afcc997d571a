"""Data flows of plain CDK apps, and an evaluator that shows whether they still work once they are hardened."""
