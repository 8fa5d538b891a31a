"""nbgrader's configuration of this course."""

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import AssignLatePenalties

from course.grades import Totals
from course.release import AUTHORS_FILES, RELEASE_STEPS
from nbjudge.exchange.plugins import SafeCollect, SafeReleaseFeedback
from nbjudge.steps.exporter import SubmissionExporter
from nbjudge.steps.feedback import FeedbackExporter, FeedbackPage, ShowGrades
from nbjudge.steps.preprocessors import Judge, Rebuild, SaveAutoGrades

COURSE_LANGUAGE = "ko"

c = get_config()  # noqa: F821, traitlets gives it

c.CourseDirectory.course_id = "calculus"
c.CourseDirectory.release_directory = f"release/{COURSE_LANGUAGE}"
c.CourseDirectory.ignore = [".ipynb_checkpoints", *AUTHORS_FILES]
c.KeepLanguage.language = COURSE_LANGUAGE
c.NbJudge.language = COURSE_LANGUAGE
c.FeedbackPage.language = COURSE_LANGUAGE

c.GenerateAssignment.preprocessors = RELEASE_STEPS
c.Autograde.exporter_class = SubmissionExporter
c.Autograde.sanitize_preprocessors = [Rebuild]
c.Autograde.autograde_preprocessors = [Judge, SaveAutoGrades, AssignLatePenalties]
c.GenerateFeedback.exporter_class = FeedbackExporter
c.GenerateFeedback.preprocessors = [ShowGrades, FeedbackPage, CSSHTMLHeaderPreprocessor]
c.ExportApp.plugin_class = Totals

c.ExchangeFactory.collect = SafeCollect
c.ExchangeFactory.release_feedback = SafeReleaseFeedback
