"""The grading engine: rebuilds submissions, judges test cells and records verdicts for nbgrader."""
