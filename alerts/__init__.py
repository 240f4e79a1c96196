"""Decisions to speak: the policy is pure, the channels are not."""
