"""What the tests of InfluxDB share."""

from tests.storage.conftest import make_frames

__all__ = ["make_frames"]
