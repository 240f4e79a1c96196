"""InfluxDB as the place where measurements go: what is sent, how, and how it is read back.

Nothing here is imported unless `storage.metrics` is "influx".
"""
