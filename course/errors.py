"""Errors that are sentences for the instructor."""


class CourseError(Exception):
    """Something in the course must be mended; the text says where and how."""
