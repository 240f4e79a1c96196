"""The version of what the analysis does with samples."""

#: Grows with every change that gives other frames or episodes for the same samples.
ALGORITHM_VERSION = "1.1"
