#!/bin/sh
# Prints a new token that may read and write the bucket of Sitwell, and nothing else. Run it once.
set -eu
cd "$(dirname "$0")"
# shellcheck disable=SC2016 # the variables are the container's
docker compose exec -T influxdb sh -euc '
    bucket=$(influx bucket list --org "$DOCKER_INFLUXDB_INIT_ORG" --name "$DOCKER_INFLUXDB_INIT_BUCKET" --hide-headers | cut -f 1)
    influx auth create --org "$DOCKER_INFLUXDB_INIT_ORG" --description sitwell \
        --read-bucket "$bucket" --write-bucket "$bucket" --hide-headers | cut -f 3
'
