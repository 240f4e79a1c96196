"""From samples to posture: pure numpy, no clock, no I/O. Streaming and batch are one code."""

from analysis.calibration import calibrate
from analysis.offline import Analysis, analyse
from analysis.pipeline import Output, Pipeline
from analysis.settings import AnalysisSettings
from analysis.track import Mounted

__all__ = ["Analysis", "AnalysisSettings", "Mounted", "Output", "Pipeline", "analyse", "calibrate"]
