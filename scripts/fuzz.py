"""Fuzz the audit, guided by coverage: mutated templates of the tests, and text that may be no template at all.

`make fuzz` runs it for five minutes; FUZZ_SECONDS sets another time. A failing input is written to a file `crash-…` or
`timeout-…` in the current folder: pass that file as the argument to run it again.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
with atheris.instrument_imports(include=["soc2_constructs"]):
    from soc2_constructs.cloudformation import InputError
    from soc2_constructs.cloudformation.documents import parse_document
    from support.mutations import examine, mutated


def one_input(data: bytes) -> None:
    """Audit the document that the bytes choose.

    Raises:
        RuntimeError: A check raised an exception, or a second audit gave other bytes.
    """
    provider = atheris.FuzzedDataProvider(data)
    if provider.ConsumeIntInRange(0, 7):
        document = mutated(lambda count: provider.ConsumeIntInRange(0, count - 1))
    else:
        try:
            document = parse_document(provider.ConsumeBytes(provider.remaining_bytes()), "template")
        except InputError:
            return
    problem = examine(document)
    if problem is not None:
        raise RuntimeError(problem)


def main() -> None:
    """Fuzz from a few hundred random inputs on: short ones choose the first template only."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(300):
            Path(folder, str(seed)).write_bytes(random.Random(seed).randbytes(64))
        atheris.Setup([*sys.argv, "-len_control=0", *([] if sys.argv[-1][:1] != "-" else [folder])], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
