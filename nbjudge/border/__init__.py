"""What crosses between the judge and the student's process, and nothing else does."""
