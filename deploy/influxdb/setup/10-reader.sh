#!/bin/bash
# Runs once, when InfluxDB is set up: what Grafana logs in with may read the bucket and nothing else.
set -eu
influx v1 auth create \
    --org "$DOCKER_INFLUXDB_INIT_ORG" \
    --read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID" \
    --username grafana \
    --password "$GRAFANA_READER_PASSWORD" \
    --description "Grafana reads Sitwell's bucket" >/dev/null
