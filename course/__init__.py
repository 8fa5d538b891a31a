"""Commands of this course: twins, languages, release, gates, demo."""
