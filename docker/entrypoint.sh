#!/bin/sh
# What a container does: `serve`, `healthy`, `reports`, or a command of the program such as `survey invite ...`.
set -eu

# The newest export and reports of a survey; each in a new folder, so that a reader never meets half a set.
report() {
    folder="/data/reports/$(date -u +%Y%m%dT%H%M%SZ)"
    mkdir -p "$folder"
    python -m survey export "$1" "$folder/export"
    python -m analysis report "$folder/export" "$2" "$folder/reports"
    ln -sfn "$folder" /data/reports/latest
}

case "${1:-serve}" in
serve)
    # Only the proxy of the compose file reaches this port: its word about http or https is taken.
    export FORWARDED_ALLOW_IPS="${FORWARDED_ALLOW_IPS:-*}"
    shift || true
    exec python -m survey serve "$@"
    ;;
healthy)
    exec python -c "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"WIJKPEIL_PORT\"]}/health', timeout=4)"
    ;;
reports)
    while true; do
        report "$REPORT_SURVEY" "$REPORT_PLAN" || echo "No reports this time; the next try is in $REPORT_SECONDS seconds." >&2
        sleep "$REPORT_SECONDS"
    done
    ;;
survey | analysis)
    exec python -m "$@"
    ;;
*)
    echo "Unknown command: $1. Use serve, healthy, reports, survey or analysis." >&2
    exit 64
    ;;
esac
