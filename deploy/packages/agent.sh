NAME=monitor-agent
LIB=/usr/lib/monitor-agent
PYTHON=/usr/bin/python3

set_up() { :; }

start_first() {
    if grep -q '^API_KEY=.' /etc/monitor-agent.env; then
        start monitor-agent.service
    else
        say "write API_URL and API_KEY into /etc/monitor-agent.env, then: systemctl start monitor-agent"
    fi
}

purge() {
    rm -rf /var/lib/private/monitor-agent /var/lib/monitor-agent
    say "removed its settings, its key, and samples that were not sent (/var/lib/monitor-agent)"
}
