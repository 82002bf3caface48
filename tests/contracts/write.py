"""`python -m tests.contracts.write`: bring the golden schemas up to date, and add a sample to each new event.

An existing sample stays: it was published once, and must be readable for ever.
"""

import json
import sys

from tests.contracts.golden import breaks, contracts, example_of, sample_file, schema_file, schema_of, written


def main() -> int:
    """Write missing files and allowed changes; refuse changes that would break consumers."""
    broken = 0
    for type, event in contracts().items():
        golden, schema = schema_file(type), schema_of(event)
        problems = breaks(json.loads(golden.read_text()), schema) if golden.exists() else []
        for problem in problems:
            print(f"{type}: {problem}: declare a new version beside this one", file=sys.stderr)
        broken += len(problems)
        if not problems:
            golden.write_text(written(schema))
        if not sample_file(type).exists():
            sample_file(type).write_text(written(example_of(schema, schema)))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
