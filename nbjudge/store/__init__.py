"""What is kept: gradebook, records, locks, and what a grade depends on. It knows nbgrader; it runs nothing."""
