#!/usr/bin/env bash
# Run a command, and as root beside it, as the user nobody, the tests that may end otherwise for an ordinary user.
# What these write is shown at the end. They run in a copy of the course with an environment of its own.
set -euo pipefail
[ "$(id -u)" = 0 ] || exec "$@"
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'wait; rm -rf "$copy"' EXIT
cp -r . "$copy/course"
rm -rf "$copy/course/.venv" "$copy/course/demo"
chown -R nobody "$copy"
as_nobody() {
    unset MAKEFLAGS
    su nobody -s /bin/bash -c "
        export HOME=$copy TMPDIR=$copy PATH=$copy/course/.venv/bin:$PATH
        cd $copy/course && make setup PYTHON=/usr/bin/python3 && python -m pytest -m ordinary_user tests/nbjudge"
}
as_nobody >"$copy/told" 2>&1 &
status=0
"$@" || status=$?
echo "As the user nobody:"
wait $! || status=$?
cat "$copy/told"
exit "$status"
