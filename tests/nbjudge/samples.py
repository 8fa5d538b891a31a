"""Which of many cases `make test` tries; `make proof` tries the others."""

import pytest

EVERY = 10


def sampled(*families):
    """The cases of all families as parameters: of each the first and every tenth are the sample, the others proof.

    Args:
        families: of each family its cases by name.
    """
    return [
        pytest.param(case, id=name, marks=[pytest.mark.proof] if number % EVERY else [])
        for family in families
        for number, (name, case) in enumerate(family.items())
    ]
