"""Where frames, rollups, episodes and records are kept: one contract, several backends."""
