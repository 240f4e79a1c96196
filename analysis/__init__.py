"""From samples to posture: pure numpy, no clock, no I/O. Streaming and batch are one code."""
