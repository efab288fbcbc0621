# The first half of all scripts of the packages; agent.sh or server.sh follows, and then one call. Debian and RPM name
# the moments differently: scripts/packaging.py says which function belongs to which.

UPGRADE=/run/$NAME.upgrade # while one goes on: the units to start again

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() { say "$*"; exit 1; }
has_systemd() { [ -d /run/systemd/system ]; }
has_systemctl() { command -v systemctl >/dev/null 2>&1; }

# Prints the units that run: also those of several servers, such as monitor@8000.
running() {
    systemctl list-units --plain --no-legend --state=active,activating "$NAME.service" "$NAME@*.service" |
        while read -r unit _; do printf '%s ' "$unit"; done
}

# Before the files of a first installation.
before_install() {
    for unit in "$NAME" "$NAME@"; do
        file=/etc/systemd/system/$unit.service
        [ ! -f "$file" ] || die "$file is of an installation without a package, and would be used in place of the \
package's: stop it and remove that file, then install again; settings and data stay"
    done
    rm -f "$UPGRADE"
}

# Before the files of an upgrade. What runs must not load modules of another version, so it is stopped until the end.
before_upgrade() {
    units=
    if has_systemd; then
        units=$(running)
    fi
    printf '%s' "$units" >"$UPGRADE"
    # shellcheck disable=SC2086 # several units
    [ -z "$units" ] || systemctl stop $units
    remove_bytecode
}

# After the files of an installation or an upgrade.
after_files() {
    set_up
    # Nobody but root may write there, so Python could not keep it, and would compile everything at each start.
    "$PYTHON" -I -m compileall -q "$LIB" || say "$LIB could not be compiled: it will start slowly"
    is_first=true
    [ ! -f "$UPGRADE" ] || is_first=false
    if $is_first && has_systemctl; then
        systemctl enable --quiet "$NAME.service"
    fi
    if ! has_systemd; then
        say "installed; this system does not run systemd, so nothing was started"
    elif systemctl daemon-reload && $is_first; then
        start_first
    elif [ -s "$UPGRADE" ]; then
        start "$(cat "$UPGRADE")"
    fi
    rm -f "$UPGRADE"
}

start() {
    # shellcheck disable=SC2086
    systemctl start $1 || say "did not start; to see why: journalctl --unit $NAME"
}

# Before the files are removed.
before_removal() {
    if has_systemd; then
        # shellcheck disable=SC2046
        systemctl disable --now --quiet "$NAME.service" $(running)
    elif has_systemctl; then
        systemctl disable --quiet "$NAME.service"
    fi
    remove_bytecode
}

after_removal() {
    rm -rf "$LIB"
    if has_systemd; then
        systemctl daemon-reload
    fi
}

remove_bytecode() {
    [ ! -d "$LIB" ] || find "$LIB" -depth -type d -name __pycache__ -exec rm -rf {} +
}
