"""`python -m soc2_constructs.cli` is the `soc2` command."""

import sys

from soc2_constructs.cli import main

sys.exit(main())
