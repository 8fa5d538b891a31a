"""nbgrader's own road: its exporters and preprocessors, which grade by the same functions as a class run."""
