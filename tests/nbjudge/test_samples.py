"""What `make test` leaves to `make proof` is never all of a family."""

from pathlib import Path

from tests.nbjudge import hostile
from tests.nbjudge.samples import EVERY, sampled


def in_test(parameters):
    return [parameter.id for parameter in parameters if not parameter.marks]


def test_a_sample_has_one_of_every_family_and_every_tenth():
    families = [{f"{name}{number}": number for number in range(size)} for name, size in (("a", 1), ("b", EVERY + 1))]
    assert in_test(sampled(*families)) == ["a0", "b0", f"b{EVERY}"]
    assert [parameter.values for parameter in sampled(*families)] == [(0,), *((n,) for n in range(EVERY + 1))]


def test_every_module_of_attacks_is_a_family():
    modules = {path.stem for path in Path(hostile.__file__).parent.glob("*.py")} - {"__init__", "submission"}
    assert len(hostile.FAMILIES) == len(modules)
    assert all(in_test(sampled(family)) for family in hostile.FAMILIES)
