#!/usr/bin/env bash
# Everything that must hold before a change goes in, on a machine that has a
# Rust toolchain and nothing else: format, lints, tests on SQLite and on a
# PostgreSQL of its own, and around the release binary SIPp scenarios, a soak, a
# recording, what a call costs, roughly, and browser tests. Installs Debian
# packages where it may. The last line is `N passed, N failed`; a suite that
# could not run counts as a failure.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C.UTF-8 CARGO_TERM_COLOR=never NO_COLOR=1

work=$(mktemp -d "${TMPDIR:-/tmp}/whence-test.XXXXXX")
passed=0 failed=0
postgres_bin='' postgres_runs=''

# --- what it needs -----------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

find_postgres() {
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) $(pg_config --bindir 2>/dev/null); do
        if [ -x "$folder/initdb" ]; then postgres_bin=$folder; return 0; fi
    done
    return 1
}

# The packages whose programs are not there.
missing_packages() {
    command -v cc >/dev/null || echo build-essential
    command -v python3 >/dev/null || echo python3
    command -v sipp >/dev/null || echo sip-tester
    command -v openssl >/dev/null || echo openssl
    command -v tshark >/dev/null || echo tshark
    command -v chromium >/dev/null || echo chromium
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    command -v baresip >/dev/null || echo baresip-core
    command -v linphonec >/dev/null || echo linphone-cli
    command -v turnserver >/dev/null || echo coturn
    find_postgres || echo postgresql
}

install_packages() {
    local missing
    missing=$(missing_packages | paste -sd' ')
    [ -n "$missing" ] || return 0
    if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
        echo "installing: $missing"
        # shellcheck disable=SC2086  # a list of words
        as_root env DEBIAN_FRONTEND=noninteractive sh -c \
            'apt-get update -q && apt-get install -qy --no-install-recommends "$@"' apt $missing \
            >"$work/apt.log" 2>&1 || tail -n 5 "$work/apt.log"
    fi
    missing=$(missing_packages | paste -sd' ')
    [ -z "$missing" ] || echo "missing, and may not be installed by this user: $missing"
}

install_components() {
    if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
        rustup component add rustfmt clippy >"$work/rustup.log" 2>&1 || echo "missing: rustfmt and clippy"
    fi
}

# Debian 12 has Node 18 and the browser driver wants 20: the registry has that, too.
install_node() {
    command -v npm >/dev/null || return 0
    if [ "$(node --version | sed 's/^v//; s/[.].*//')" -ge 20 ]; then return 0; fi
    npm install --prefix "$work/node" --no-save --no-audit --no-fund node@22 >"$work/node.log" 2>&1 &&
        PATH=$work/node/node_modules/node/bin:$PATH ||
        echo "missing: node 20 or later"
}

# --- a PostgreSQL of our own -------------------------------------------------

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
    local data=$work/postgres port
    find_postgres || return 1
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    mkdir "$data"
    chmod 755 "$work"
    if [ "$(id -u)" = 0 ]; then chown postgres "$data"; fi
    # The data is thrown away, so nothing waits for the disk.
    (
        cd "$data"
        as_postgres "$postgres_bin/initdb" -D "$data/cluster" -U postgres -A trust -E UTF8 --locale=C.UTF-8 &&
            as_postgres "$postgres_bin/pg_ctl" -D "$data/cluster" -l "$data/log" -w \
                -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$data \
                    -c fsync=off -c full_page_writes=off -c max_connections=300" start
    ) >"$work/postgres.log" 2>&1 || { cat "$work/postgres.log"; return 1; }
    postgres_runs=yes
    export WHENCE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    if [ -n "$postgres_runs" ]; then
        as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres/cluster" -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- suites ------------------------------------------------------------------

# suite NAME COUNTER COMMAND...: the counter reads the log and prints `passed failed`.
suite() {
    local name=$1 counter=$2 log=$work/$1.log started=$SECONDS status=0 good bad
    shift 2
    echo "$name …"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    read -r good bad < <("$counter" "$log") || true
    good=${good:-0} bad=${bad:-0}
    # Neither a crash nor an empty run may pass for a success.
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        if [ "$counter" = the_exit_code ]; then good=0; fi
        bad=1
    fi
    if [ "$bad" != 0 ]; then
        echo "--- $name failed (exit code $status); the end of its log:"
        grep -v '^passed ' "$log" | tail -n 400
        echo "---"
    fi
    echo "$name: $good passed, $bad failed ($((SECONDS - started)) s)"
    passed=$((passed + good)) failed=$((failed + bad))
}

the_exit_code() { echo 1 0; }

# `test result: ok. 12 passed; 0 failed; …`, once for each test binary.
libtest() {
    awk '/^test result: / { for (i = 2; i <= NF; i++) { if ($i == "passed;") p += $(i-1); if ($i == "failed;") f += $(i-1) } }
         END { print p + 0, f + 0 }' "$1"
}

# `Summary [ 1.2s] 12 tests run: 11 passed (1 slow), 1 failed, 0 skipped`; what ran and did not pass has failed.
nextest() {
    awk '/^ *Summary \[/ { for (i = 2; i <= NF; i++) {
             if ($i ~ /^tests?$/) { split($(i-1), n, "/"); ran = n[1]; all = n[2] ? n[2] : n[1] }
             if ($i ~ /^passed/) p = $(i-1) } }
         END { print p + 0, all - p }' "$1"
}

# `12 passed, 0 failed` as the last line.
last_line() {
    tail -n 1 "$1" | awk '$2 == "passed," && $4 == "failed" { print $1, $3 }'
}

# `# pass 12` (TAP) or `ℹ pass 12` (spec), for each run of node's test runner.
node_test() {
    awk '$1 == "#" || $1 == "ℹ" { if ($2 == "pass") p += $3; if ($2 == "fail" || $2 == "cancelled") f += $3 }
         END { print p + 0, f + 0 }' "$1"
}

# Builds cargo-deny once, into target/: four minutes of one core.
check_dependencies() {
    local what="licenses bans sources"
    PATH=$PWD/target/tools/bin:$PATH
    if ! cargo deny --version >/dev/null 2>&1 &&
        ! cargo install cargo-deny --locked --version 0.20.2 --root target/tools >"$work/deny.log" 2>&1; then
        echo "dependencies: skipped, cargo-deny does not build here"
        return 0
    fi
    if cargo deny fetch db >"$work/advisories.log" 2>&1; then
        what="$what advisories"
    else
        echo "advisories: skipped, their database cannot be fetched from here"
    fi
    # shellcheck disable=SC2086  # a list of words
    suite "dependencies" the_exit_code cargo deny check $what
}

rust_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        suite "tests" nextest cargo nextest run --locked --no-fail-fast
    else
        suite "tests" libtest cargo test --locked --no-fail-fast --lib --bins --tests
    fi
}

browser_tests() (
    cd tests/browser &&
        npm ci --no-audit --no-fund &&
        WHENCE_TEST_BINARY=$OLDPWD/target/release/whence npm test
)

not_run() {
    echo "$1: 0 passed, 1 failed (did not run: $2)"
    failed=$((failed + 1))
}

command -v cargo >/dev/null || { echo "missing: cargo, see https://rustup.rs"; echo "0 passed, 1 failed"; exit 1; }
install_packages
install_components
install_node

suite "format" the_exit_code cargo fmt --check
suite "lints" the_exit_code cargo clippy --locked --all-targets -- -D warnings
check_dependencies
start_postgres || not_run "postgresql" "no private server"
rust_tests
suite "release" the_exit_code cargo build --release --locked
suite "sip" last_line sip-test/run
suite "kill-9" last_line sip-test/kill9.py
suite "imports" last_line sip-test/imports.py --rows 5000
suite "soak" last_line sip-test/soak
suite "long-recording" last_line sip-test/long_recording --minutes 1
suite "cost" last_line sip-test/cost --smoke
suite "browser" node_test browser_tests

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
