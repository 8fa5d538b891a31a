"""nbgrader's own commands, formgrader and exchange, set to grade with this engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor

from nbjudge.exchange.plugins import SafeCollect, SafeReleaseFeedback
from nbjudge.steps.autograde import SubmissionExporter
from nbjudge.steps.feedback import FeedbackExporter, FeedbackPage, ShowGrades

if TYPE_CHECKING:
    from traitlets.config import Config


def configure(c: Config, *, language: str) -> None:
    """Set what `nbjudge.configure` promises."""
    c.NbJudge.language = language
    c.FeedbackPage.language = language
    c.Autograde.exporter_class = SubmissionExporter
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.GenerateFeedback.preprocessors = [ShowGrades, FeedbackPage, CSSHTMLHeaderPreprocessor]
    c.ExchangeFactory.collect = SafeCollect
    c.ExchangeFactory.release_feedback = SafeReleaseFeedback
