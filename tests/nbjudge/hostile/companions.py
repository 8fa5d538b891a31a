"""Files beside the notebook."""

from tests.nbjudge.hostile.submission import hostile

COMPANIONS = (
    hostile(
        "companion_below_a_companion",
        "Hands in a file with the name of a folder in which the course puts a file.",
        "print(open('data').read())",
        files={"data": b"mine", "data/given.csv": b"1,2"},
    ),
    hostile(
        "companions_larger_than_the_disk",
        "Hands in more than its folder can hold.",
        "print('large')",
        files={f"{number}.bin": bytes(2**22) for number in range(6)},
    ),
)
