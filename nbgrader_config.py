"""nbgrader's configuration of this course."""

import nbjudge
from course.grades import Totals
from course.release import AUTHORS_FILES, RELEASE_STEPS

COURSE_LANGUAGE = "ko"

c = get_config()  # noqa: F821, traitlets gives it

c.CourseDirectory.course_id = "calculus"
c.CourseDirectory.release_directory = f"release/{COURSE_LANGUAGE}"
c.CourseDirectory.ignore = [".ipynb_checkpoints", *AUTHORS_FILES]
c.KeepLanguage.language = COURSE_LANGUAGE
c.GenerateAssignment.preprocessors = RELEASE_STEPS
c.ExportApp.plugin_class = Totals

nbjudge.configure(c, language=COURSE_LANGUAGE)
