"""The nouns of Sitwell: frozen values, units in their names, one tree of errors."""

__version__ = "0.1.0"
