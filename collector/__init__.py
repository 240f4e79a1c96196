"""From the radio to samples in host time: drivers, sessions, clocks, recordings."""
