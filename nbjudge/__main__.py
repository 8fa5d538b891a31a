"""The command ``nbjudge``."""

import sys

# A grammar that jsonschema loads for a second and no notebook needs; None keeps it from being imported.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # typeshed knows no such None


def main() -> None:
    """Run the command of the line."""
    from nbjudge.commands.apps import launch

    launch()


if __name__ == "__main__":
    main()
