"""The command ``nbjudge``."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # a grammar that jsonschema loads for a second and no notebook needs


def main() -> None:
    """Run the command of the line."""
    from nbjudge.commands.apps import launch

    launch()


if __name__ == "__main__":
    main()
