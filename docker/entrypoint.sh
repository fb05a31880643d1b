#!/bin/sh
# Runs a command with the secrets that the compose file lays down as files: they then stand in no image,
# no command line and no `docker inspect`.
set -eu
folder="${SECRETS_FOLDER:-/run/secrets}"

if [ -e "$folder/survey_secret" ]; then
    WIJKPEIL_SECRET="$(cat "$folder/survey_secret")"
    export WIJKPEIL_SECRET
fi
if [ -e "$folder/database_password" ]; then
    PGPASSWORD="$(cat "$folder/database_password")"
    export PGPASSWORD
fi
exec "$@"
