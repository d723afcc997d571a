"""Settings of every test process."""

import os

# The framework's own template validator takes seconds per synth; one end-to-end test runs with it, the others without.
# Rule packs run all the same.
os.environ.setdefault("CDK_VALIDATION", "false")
