#!/bin/sh
# Installs the monitor agent on this host, or updates it. The server's page "Install agent" shows the command that
# downloads this script, verifies its checksum and runs it; `monitor key create` and GET /api/agent/install show it too:
#
#   curl -fsSL --proto '=https' --proto-redir '=https' -o install.sh https://SERVER/agent/install.sh \
#     && echo 'SHA256  install.sh' | sha256sum -c - && sudo sh install.sh
#   sudo sh install.sh --uninstall
#
# It asks for the key. Without a terminal it reads the key from /etc/monitor-agent.key (mode 0600), or from the file in
# API_KEY_FILE, which may be /dev/stdin. A key on the command line would stay in sudo's log.
#
# Variables: API_KEY_FILE, API_URL (default: the server of this script), INTERVAL (seconds), AGENT_IP,
# AGENT_METRICS_DIR, AGENT_UNITS, AGENT_CONTAINERS, AGENT_CHECKS, PYTHON (the python3 to use), DESTDIR (install below
# this folder instead of /).
# A variable that is not set keeps its value of the last installation.
set -eu

SERVER=''
BUNDLE_SHA256=''

# Isolated mode, without site packages.
OPTIONS=-IS
COMPARE='import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])'
COMPILE='import sys; sys.path.insert(0, sys.argv[1]); import monitor_agent.install.bundle as it; it.add_bytecode(sys.argv[1])'

DESTDIR=${DESTDIR:-}
LIB=/usr/local/lib/monitor-agent
PYZ=$LIB/monitor-agent.pyz
COMMAND=/usr/local/bin/monitor-agent
ENV_FILE=/etc/monitor-agent.env
KEY_FILE=/etc/monitor-agent.key
UNIT_FILE=/etc/systemd/system/monitor-agent.service

say() { printf 'monitor-agent: %s\n' "$*"; }
die() { printf 'monitor-agent: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

has_systemd() { [ -d "$DESTDIR/run/systemd/system" ] && have systemctl; }

need_root() {
    [ -n "$DESTDIR" ] || [ "$(id -u)" -eq 0 ] || die "must run as root: sudo sh install.sh"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || die "PYTHON=$PYTHON is not Python 3.9 or later"
        PYTHON=$(command -v "$PYTHON")
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python3.10 python3.9; do
        if have "$candidate" && new_enough "$candidate"; then
            PYTHON=$(command -v "$candidate")
            return
        fi
    done
    die "Python 3.9 or later is needed and was not found; install python3 and run this again"
}

# On other systems than Linux the agent needs psutil. It goes into a virtual environment, because the system's Python
# belongs to the package manager.
ensure_psutil() {
    [ "$(uname -s)" != Linux ] || return 0
    OPTIONS=-I
    ! "$PYTHON" -I -c 'import psutil' >/dev/null 2>&1 || return 0
    say "installing psutil"
    "$PYTHON" -m venv "$DESTDIR$LIB/venv" </dev/null >&2 \
        && "$DESTDIR$LIB/venv/bin/python" -m pip install --quiet psutil </dev/null >&2 \
        || die "psutil could not be installed; install it for $PYTHON and run this again"
    PYTHON=$DESTDIR$LIB/venv/bin/python
}

# Prints the value of a setting at the last installation.
setting() {
    [ -f "$DESTDIR$ENV_FILE" ] || return 0
    sed -n "s/^$1=//p" "$DESTDIR$ENV_FILE" | tail -n 1
}

plain() {
    case $2 in
        *[!][A-Za-z0-9_.+/=:@%,-]*) die "$1 contains a character that is not allowed" ;;
    esac
}

key_in() {
    [ -r "$1" ] || die "the key cannot be read from $1"
    API_KEY=$(head -n 1 "$1" | tr -d '[:space:]')
    [ -n "$API_KEY" ] || die "$1 should contain the key, but it is empty"
}

ask_for_key() {
    # From the terminal, because standard input may be this script.
    (: </dev/tty) 2>/dev/null || die "API_KEY is not set: run this on a terminal to be asked for it, or write the key to \
$KEY_FILE (mode 0600), or set API_KEY_FILE to the file that contains it"
    printf 'The key that the server made for this host (it is not shown): ' >/dev/tty
    trap 'stty echo </dev/tty' EXIT
    trap 'exit 130' INT TERM
    stty -echo </dev/tty
    IFS= read -r API_KEY </dev/tty || true
    stty echo </dev/tty
    trap - EXIT INT TERM
    printf '\n' >/dev/tty
    [ -n "$API_KEY" ] || die "no key was given"
}

settle_key() {
    advice=
    if [ -n "${API_KEY_FILE:-}" ]; then
        key_in "$API_KEY_FILE"
    elif [ -n "${API_KEY:-}" ]; then
        advice="a key on the command line stays in logs, such as sudo's; without API_KEY this script asks for the key"
    elif [ -f "$DESTDIR$KEY_FILE" ]; then
        [ -z "$(find "$DESTDIR$KEY_FILE" -perm -004)" ] || advice="everyone can read $KEY_FILE; protect it: chmod 600 $KEY_FILE"
        key_in "$DESTDIR$KEY_FILE"
    else
        API_KEY=$(setting API_KEY)
        [ -n "$API_KEY" ] || ask_for_key
    fi
    plain API_KEY "$API_KEY"
}

settle_settings() {
    API_URL=${API_URL:-$SERVER}
    API_URL=${API_URL:-$(setting API_URL)}
    INTERVAL=${INTERVAL:-$(setting INTERVAL)}
    AGENT_IP=${AGENT_IP:-$(setting AGENT_IP)}
    AGENT_METRICS_DIR=${AGENT_METRICS_DIR:-$(setting AGENT_METRICS_DIR)}
    AGENT_UNITS=${AGENT_UNITS:-$(setting AGENT_UNITS)}
    AGENT_CONTAINERS=${AGENT_CONTAINERS:-$(setting AGENT_CONTAINERS)}
    AGENT_CHECKS=${AGENT_CHECKS:-$(setting AGENT_CHECKS)}
    [ -n "$API_URL" ] || die "API_URL is not set: set it to the address of the server, such as http://server:8000"
    plain API_URL "$API_URL"
    plain INTERVAL "$INTERVAL"
    plain AGENT_IP "$AGENT_IP"
    plain AGENT_METRICS_DIR "$AGENT_METRICS_DIR"
    plain AGENT_UNITS "$(printf '%s' "$AGENT_UNITS" | tr -d '*?')"
    plain AGENT_CONTAINERS "$AGENT_CONTAINERS"
    plain AGENT_CHECKS "$AGENT_CHECKS"
    settle_key
}

download() {
    if have curl; then
        case $1 in
            https:*) first='=https' ;;
            *) first='=http,https' ;;
        esac
        curl -fsSL --proto "$first" --proto-redir '=https' --connect-timeout 10 --max-time 120 -o "$2" "$1"
    elif have wget; then
        wget -q -T 30 -O "$2" "$1"
    else
        die "neither curl nor wget was found; install one of them"
    fi
}

install_program() {
    mkdir -p "$DESTDIR$LIB" "$DESTDIR/usr/local/bin"
    chmod 755 "$DESTDIR$LIB"
    ensure_psutil
    new=$DESTDIR$PYZ.new
    download "$API_URL/agent/monitor-agent.pyz" "$new" || die "cannot download $API_URL/agent/monitor-agent.pyz"
    "$PYTHON" "$OPTIONS" -c "$COMPARE" "$new" "$BUNDLE_SHA256" </dev/null \
        || { rm -f "$new"; die "the agent that $API_URL sent does not match this script; download install.sh again"; }
    # Try it before it replaces one that works, and compile it for this Python. Others can run it, but start slower.
    { "$PYTHON" "$OPTIONS" "$new" --help && "$PYTHON" "$OPTIONS" -c "$COMPILE" "$new"; } >/dev/null </dev/null \
        || { rm -f "$new"; die "the agent does not run with $PYTHON"; }
    chmod 755 "$new"
    mv -f "$new" "$DESTDIR$PYZ"
    printf '#!/bin/sh\nexec "%s" %s "%s" "$@"\n' "$PYTHON" "$OPTIONS" "$DESTDIR$PYZ" >"$DESTDIR$COMMAND"
    chmod 755 "$DESTDIR$COMMAND"
}

write_settings() {
    mkdir -p "$DESTDIR/etc"
    (
        umask 077
        {
            printf 'API_URL=%s\nAPI_KEY=%s\nINTERVAL=%s\n' "$API_URL" "$API_KEY" "${INTERVAL:-15}"
            [ -z "$AGENT_IP" ] || printf 'AGENT_IP=%s\n' "$AGENT_IP"
            [ -z "$AGENT_METRICS_DIR" ] || printf 'AGENT_METRICS_DIR=%s\n' "$AGENT_METRICS_DIR"
            [ -z "$AGENT_UNITS" ] || printf 'AGENT_UNITS=%s\n' "$AGENT_UNITS"
            [ -z "$AGENT_CONTAINERS" ] || printf 'AGENT_CONTAINERS=%s\n' "$AGENT_CONTAINERS"
            [ -z "$AGENT_CHECKS" ] || printf 'AGENT_CHECKS=%s\n' "$AGENT_CHECKS"
        } >"$DESTDIR$ENV_FILE.new"
    )
    chmod 600 "$DESTDIR$ENV_FILE.new"
    mv -f "$DESTDIR$ENV_FILE.new" "$DESTDIR$ENV_FILE"
}

unit() {
    cat <<'END_OF_UNIT'
@UNIT@
END_OF_UNIT
}

start_service() {
    mkdir -p "$DESTDIR/etc/systemd/system"
    unit | sed -e "s|@PYTHON@|$PYTHON $OPTIONS|" -e "s|@PYZ@|$DESTDIR$PYZ|" >"$DESTDIR$UNIT_FILE"
    systemctl daemon-reload
    systemctl enable --quiet monitor-agent.service
    systemctl restart monitor-agent.service
}

uninstall() {
    if has_systemd && [ -f "$DESTDIR$UNIT_FILE" ]; then
        systemctl disable --now --quiet monitor-agent.service || true
    fi
    rm -f "$DESTDIR$UNIT_FILE" "$DESTDIR$COMMAND" "$DESTDIR$ENV_FILE" "$DESTDIR$KEY_FILE"
    rm -rf "$DESTDIR$LIB" "$DESTDIR/var/lib/private/monitor-agent" "$DESTDIR/var/lib/monitor-agent"
    if has_systemd; then
        systemctl daemon-reload
    fi
    say "removed"
}

main() {
    case ${1:-} in
        '') ;;
        --uninstall) need_root; uninstall; return ;;
        *) die "unknown argument $1 (there is only --uninstall)" ;;
    esac
    need_root
    settle_settings
    find_python
    install_program
    write_settings
    if has_systemd; then
        start_service
        say "installed and started; to see its state: systemctl status monitor-agent"
    else
        say "installed. This host has no systemd: let your init system run this, as any user who can read $DESTDIR$ENV_FILE:"
        say "  set -a; . $DESTDIR$ENV_FILE; exec $DESTDIR$COMMAND"
    fi
    [ -z "$advice" ] || say "$advice" >&2
}

# The last line, so that half a script does nothing.
main "$@"
