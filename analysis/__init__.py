"""From samples to posture: pure numpy, no clock, no I/O. Streaming and batch are one code."""

from analysis.calibration import calibrate
from analysis.detail import Detail
from analysis.fleet import Fleet
from analysis.offline import Analysis, analyse
from analysis.pipeline import Output, Pipeline
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from domain.people import Calibration
from domain.placement import Placement
from domain.posture import Activity, Quality
from domain.samples import Recording

__all__ = [
    "Activity", "Analysis", "AnalysisSettings", "Calibration", "Detail", "Fleet", "Mounted", "Output",
    "Pipeline", "Placement", "Quality", "Recording", "analyse", "calibrate",
]  # fmt: skip
