"""nbgrader's own road: what its commands and its formgrader call, which grades as a class run does."""
