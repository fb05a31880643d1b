#!/bin/sh
# Exports a survey and makes its reports: sh docker/report.sh SURVEY PLAN FOLDER
# They come in a new folder under FOLDER, named after the time (UTC), which appears when all of it is there.
set -eu
umask 077
name="$(date -u +%Y%m%dT%H%M%SZ)"
unfinished="$3/.$name"
trap 'rm -rf "$unfinished"' EXIT

mkdir "$unfinished"
python -m survey export "$1" "$unfinished/export"
python -m analysis report "$unfinished/export" "$2" "$unfinished/reports"
mv "$unfinished" "$3/$name"
echo "Reports: $3/$name/reports"
