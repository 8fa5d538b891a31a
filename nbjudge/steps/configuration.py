"""nbgrader's own commands, formgrader and exchange, set to grade with this engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import AssignLatePenalties

from nbjudge.exchange.plugins import SafeCollect, SafeReleaseFeedback
from nbjudge.steps.exporter import SubmissionExporter
from nbjudge.steps.feedback import FeedbackExporter, FeedbackPage, ShowGrades
from nbjudge.steps.preprocessors import Grade, Rebuild, SaveAutoGrades

if TYPE_CHECKING:
    from traitlets.config import Config


def configure(c: Config, *, language: str) -> None:
    """Set what `nbjudge.configure` promises."""
    c.NbJudge.language = language
    c.FeedbackPage.language = language
    c.Autograde.exporter_class = SubmissionExporter
    c.Autograde.sanitize_preprocessors = [Rebuild]
    c.Autograde.autograde_preprocessors = [Grade, SaveAutoGrades, AssignLatePenalties]
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.GenerateFeedback.preprocessors = [ShowGrades, FeedbackPage, CSSHTMLHeaderPreprocessor]
    c.ExchangeFactory.collect = SafeCollect
    c.ExchangeFactory.release_feedback = SafeReleaseFeedback
