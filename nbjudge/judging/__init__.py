"""Workers and their judges: they grade one submission, and know neither nbgrader nor the gradebook."""
