"""Measurements that make the figures in docs/: run `python -m benchmarks` on a quiet machine."""
