"""Set compliant defaults in an existing app with one line, and check all of it with the rule pack.

    app = cdk.App()
    soc2.enforce(app)

Property injectors of the CDK set the defaults, from the requirement tables of the drop-in classes; so they also reach
constructs of third-party libraries. Values of the user stay as they are; if one does not comply, the rule pack fails
the synthesis. Defaults that would replace a stateful resource that may be deployed already are held back and reported.
"""

from __future__ import annotations

import soc2_constructs.hardening  # noqa: F401 - checks that the CDK is installed

from soc2_constructs.enforcement.changes import FILE, Change
from soc2_constructs.enforcement.enforcer import Enforcement, enforce

__all__ = ["Change", "Enforcement", "FILE", "enforce"]
