"""The HTTP API and the dashboard: the only package that knows FastAPI."""
