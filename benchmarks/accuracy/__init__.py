"""`python -m benchmarks.accuracy`: how right the analysis is on real, labelled people."""
