NAME=monitor
LIB=/usr/lib/monitor
PYTHON=$LIB/bin/python
DATA=/var/lib/monitor

set_up() {
    getent passwd monitor >/dev/null ||
        useradd --system --user-group --home-dir $DATA --no-create-home --shell /usr/sbin/nologin monitor
    install -d -m 0700 -o monitor -g monitor $DATA
}

start_first() {
    start monitor.service
    say "started at http://127.0.0.1:8000; the password of admin: journalctl --unit monitor"
}

purge() {
    [ ! -d $DATA ] || say "removed the settings; all data and their keys are kept. To remove them too: rm -r $DATA"
}
