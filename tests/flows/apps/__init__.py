"""The flows, one module per subject."""
