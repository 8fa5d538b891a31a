"""A class graded, or given its feedback, side by side: in the TA's process, which knows nbgrader and the gradebook."""
