from base64 import b64decode, b64encode
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from monitor.adapters.notify.mail import SmtpServer
from monitor.domain.accounts.limits import Quotas
from monitor.settings import SettingsError, load

HOME = {"MONITOR_DATA_DIR": "/data"}
SECRET = "s3cret"
KEY, OLD_KEY = (b64encode(bytes(range(n, n + 32))).decode() for n in (1, 2))
PORTS = ("MONITOR_PORT", "DB_PORT", "SMTP_PORT")


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(HOME | environ)
    line = str(refused.value)
    assert "\n" not in line
    assert SECRET not in line
    return line


def test_every_setting_has_a_default():
    settings = load(HOME)
    assert ("127.0.0.1", 8000, None, None, None) == (
        settings.host,
        settings.port,
        settings.jwt_secret,
        settings.admin_password,
        settings.smtp,
    )
    assert ("sqlite:////data/monitor.db", "MONITOR_DATA_DIR") == (settings.database_url, settings.database_variable)
    assert (timedelta(seconds=90), ()) == (settings.offline_after, settings.trusted_proxies)
    assert timedelta(minutes=1) == settings.durable_after


def test_how_long_agents_keep_samples_depends_on_the_database():
    server = {"DB_HOST": "db", "DB_USER": "monitor"}
    assert timedelta(minutes=2) == load(HOME | server).durable_after
    assert timedelta(minutes=10) == load(HOME | server | {"MONITOR_DURABLE_AFTER": "600"}).durable_after
    assert timedelta(0) == load(HOME | {"MONITOR_DURABLE_AFTER": "0"}).durable_after


def test_what_it_watches_and_logs_of_itself():
    assert (True, timedelta(seconds=1)) == (load(HOME).watches_itself, load(HOME).slow_after)
    chosen = load(HOME | {"MONITOR_WATCHES_ITSELF": "false", "MONITOR_SLOW_AFTER": "2.5"})
    assert (False, timedelta(seconds=2.5)) == (chosen.watches_itself, chosen.slow_after)
    assert "MONITOR_SLOW_AFTER: must be" in refusal(MONITOR_SLOW_AFTER="0")
    assert "MONITOR_WATCHES_ITSELF: must be" in refusal(MONITOR_WATCHES_ITSELF="perhaps")


def test_an_empty_variable_counts_as_absent():
    names = ("MONITOR_PORT", "MONITOR_HOST", "DB_HOST", "DATABASE_URL", "JWT_SECRET_KEY", "SMTP_HOST", "SMTP_SECURITY")
    assert load(HOME) == load(HOME | dict.fromkeys(names, ""))


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"MONITOR_DATA_DIR": "/data", "XDG_DATA_HOME": "/share"}, "/data"),
        ({"XDG_DATA_HOME": "/share"}, "/share/monitor"),
        ({}, str(Path.home() / ".local/share/monitor")),
    ],
)
def test_data_directory(environ: dict[str, str], expected: str):
    assert Path(expected) == load(environ).data_dir


def test_a_relative_data_directory():
    """The address of the database does not depend on later changes of directory."""
    assert f"sqlite:///{Path.cwd()}/var/monitor.db" == load(HOME, data_dir=Path("var")).database_url


def test_the_command_line_overrides_the_environment():
    environ = HOME | {"MONITOR_HOST": "::1", "MONITOR_PORT": "1"}
    settings = load(environ, host="0.0.0.0", port=9000, data_dir=Path("/other"))  # noqa: S104 (nothing listens)
    assert ("0.0.0.0", 9000, Path("/other")) == (settings.host, settings.port, settings.data_dir)  # noqa: S104 (not bound)
    assert ("::1", 1) == (load(environ, host=None).host, load(environ, port=None).port)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "mysql+pymysql://flask:@db:3306/monitor_db"),
        ({"DB_PASS": "123456", "DB_PORT": "3307", "DATABASE": "other"}, "mysql+pymysql://flask:123456@db:3307/other"),
        ({"DB_PASS": "p@ss/w:rd#?%"}, "mysql+pymysql://flask:p%40ss%2Fw%3Ard%23%3F%25@db:3306/monitor_db"),
        ({"DB_HOST": "::1"}, "mysql+pymysql://flask:@[::1]:3306/monitor_db"),
        ({"DATABASE": "nobody's"}, "mysql+pymysql://flask:@db:3306/nobody's"),
    ],
)
def test_the_seeds_database_settings(more: dict[str, str], expected: str):
    settings = load(HOME | {"DB_HOST": "db", "DB_USER": "flask"} | more)
    assert (expected, "DB_HOST") == (settings.database_url, settings.database_variable)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("db:3307", "@db:3307/monitor_db"),
        ("[::1]:3307", "@[::1]:3307/monitor_db"),
        ("db1, db2:3307", "@/monitor_db?host=db1:3310&host=db2:3307"),
        ("[2001:db8::1],2001:db8::2,10.0.0.3", "@/monitor_db?host=%5B2001:db8::1%5D:3310&host=%5B2001:db8::2%5D:3310"),
    ],
)
def test_several_database_hosts(hosts: str, expected: str):
    settings = load(HOME | {"DB_HOST": hosts, "DB_USER": "u", "DB_PORT": "3310"})
    assert settings.database_url.startswith(f"mysql+pymysql://u:{expected}")


@pytest.mark.parametrize(
    "hosts", ["db1,", ",db1", "db1,,db2", "db1:port", "db1:0", "[db1]:3306:1", "db1,db1:3306", "db 1", "a,b/x", "[::1"]
)
def test_wrong_database_hosts(hosts: str):
    assert refusal(DB_HOST=hosts, DB_USER="u").startswith("DB_HOST: ")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:////srv/monitor.db", "sqlite:////srv/monitor.db"),
        ("mysql://u:p@db/monitor", "mysql+pymysql://u:p@db/monitor"),
        ("mariadb://u:p%40@db:3307/monitor?charset=utf8mb4", "mysql+pymysql://u:p%40@db:3307/monitor?charset=utf8mb4"),
        ("mysql+pymysql://db/monitor?ssl_ca=/ca.pem", "mysql+pymysql://db/monitor?ssl_ca=/ca.pem"),
        ("mysql://u:p@[::1]:3306/monitor", "mysql+pymysql://u:p@[::1]:3306/monitor"),
    ],
)
def test_one_address_replaces_the_five(given: str, expected: str):
    settings = load(HOME | {"DATABASE_URL": f" {given} ", "DB_HOST": "unused"})
    assert (expected, "DATABASE_URL") == (settings.database_url, settings.database_variable)


@pytest.mark.parametrize(
    "value",
    [
        f"postgres://u:{SECRET}@db/monitor",
        f"u:{SECRET}@db/monitor",
        f"mysql:/u:{SECRET}@db/monitor",
        f"mysql://u:{SECRET}@db",
        f"mysql://u:{SECRET}@/monitor",
        f"mysql://u:{SECRET}@db:port/monitor",
        f"mysql://u:{SECRET}@db:99999/monitor",
        f"mysql://u:{SECRET}@[::1/monitor",
        f"mysql://u:{SECRET}@x@db/monitor",
        f"mysql://u:{SECRET}/x@db/monitor",
        f"mysql://u:{SECRET}@db/monitor?local_infile=1",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:////srv/monitor.db?mode=ro",
    ],
)
def test_wrong_database_address(value: str):
    assert refusal(DATABASE_URL=value).startswith("DATABASE_URL: ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *[(name, value) for name in PORTS for value in ("0", "65536", "-1", "8e3", "٣", "x")],
        *[("MONITOR_CONNECTIONS_PER_ADDRESS", value) for value in ("0", "-5", "1.5", "many", "1000001")],
        *[("MONITOR_DURABLE_AFTER", value) for value in ("-1", "9", "86401", "1e3", "60s", "1.5", "1000000000")],
        *[("MONITOR_OFFLINE_AFTER", value) for value in ("0", "0.9", "-5", "nan", "inf", "1e9", "90s")],
        ("JWT_SECRET_KEY", SECRET),
        ("JWT_SECRET_KEY", SECRET + " " * 40),
        ("MONITOR_SECRETS_KEY", SECRET),
        ("MONITOR_SECRETS_KEY", b64encode(b"monitor!" * 4).decode()),
        ("MONITOR_SECRETS_KEY_FILE", "/nowhere/key"),
        ("MONITOR_SECRETS_KEY_FILE", "/proc/self/exe"),
        ("MONITOR_SECRETS_KEY_FILE", "/dev/null"),
        ("MONITOR_ADMIN_PASSWORD", SECRET),
        ("MONITOR_ADMIN_PASSWORD", "admin123"),
        ("MONITOR_ADMIN_PASSWORD", SECRET * 30),
        *[
            ("MONITOR_BASE_URL", value)
            for value in (
                "monitor.example.com",
                "ftp://x",
                "https://",
                "https://x?y",
                "https://x:99999",
                "http://x/$(id)",
            )
        ],
        ("MONITOR_BASE_URL", "https://x:0"),
        *[
            ("MONITOR_HEARTBEAT_URL", value)
            for value in (
                SECRET,
                f"ftp://x/{SECRET}",
                "https://",
                f"https://x/{SECRET} y",
                "https://x:y/",
                "https://x/é",
            )
        ],
        *[
            ("MONITOR_ALLOWED_HOSTS", value)
            for value in ("a b", "http://a", "a:80", "[::1]", "*a", "a.*", "a/b", "a;b")
        ],
        *[("MONITOR_TRUSTED_PROXIES", value) for value in ("10.0.0.1/8", "proxy", "10.0.0.1;10.0.0.2")],
        ("DB_HOST", "db/monitor"),
        ("DATABASE", "what?"),
        ("SMTP_HOST", "mail server"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_FROM", "nobody"),
        ("SMTP_FROM", "a@example.com\nBcc: b@example.com"),
        ("MONITOR_DATA_DIR", "/what?"),
        ("MONITOR_HOST", "caf\udce9"),
        ("DB_PASS", "caf\udce9"),
    ],
)
def test_wrong_value(variable: str, value: str):
    """The variable is named, and no secret is shown."""
    others = {"DB_HOST": "db", "DB_USER": "flask", "SMTP_HOST": "mail", "SMTP_USER": "me@example.com"}
    assert refusal(**(others | {variable: value})).startswith(f"{variable}: ")


def test_a_common_first_password_does_not_prevent_a_start():
    """It is refused at its only use."""
    assert load({"MONITOR_ADMIN_PASSWORD": "Sunshine2026", "HOME": "/"}).admin_password == "Sunshine2026"


def test_a_wrong_port_is_refused_even_if_unused():
    assert refusal(DB_PORT="http").startswith("DB_PORT: ")
    assert refusal(SMTP_PORT="smtp").startswith("SMTP_PORT: ")


def test_some_settings_need_others():
    assert refusal(DB_HOST="db").startswith("DB_USER: ")
    assert refusal(SMTP_HOST="mail", SMTP_USER="me").startswith("SMTP_FROM: ")
    assert refusal(SMTP_HOST="mail").startswith("SMTP_FROM: ")
    assert refusal(SMTP_HOST="mail", SMTP_FROM="me@example.com", SMTP_PASS=SECRET).startswith("SMTP_USER: ")


@pytest.mark.parametrize(
    ("more", "port", "sender"),
    [
        ({}, 587, "me@example.com"),
        ({"SMTP_SECURITY": "tls"}, 465, "me@example.com"),
        ({"SMTP_SECURITY": "none", "SMTP_FROM": "other@example.com"}, 25, "other@example.com"),
        ({"SMTP_PORT": "2525"}, 2525, "me@example.com"),
    ],
)
def test_mail(more: dict[str, str], port: int, sender: str):
    environ = {"SMTP_HOST": "smtp.qq.com", "SMTP_USER": "me@example.com", "SMTP_PASS": " with spaces "} | more
    assert load(HOME | environ).smtp == SmtpServer(
        host="smtp.qq.com",
        port=port,
        user="me@example.com",
        password=" with spaces ",
        security=more.get("SMTP_SECURITY", "starttls"),
        sender=sender,
    )


def test_good_values():
    settings = load(
        HOME
        | {
            "JWT_SECRET_KEY": "x" * 32,
            "MONITOR_ADMIN_PASSWORD": " correct horse battery ",
            "MONITOR_BASE_URL": "https://monitor.example.com:8443/prefix/",
            "MONITOR_ALLOWED_HOSTS": "Monitor.lan, *.example.com,, 192.0.2.1, fd00::1",
            "MONITOR_HEARTBEAT_URL": " http://10.0.0.2:8000/ping/a-b?c=d ",
            "MONITOR_OFFLINE_AFTER": "1.5",
            "MONITOR_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,,::1",
        }
    )
    assert "x" * 32 == settings.jwt_secret
    assert " correct horse battery " == settings.admin_password
    assert "https://monitor.example.com:8443/prefix" == settings.base_url
    assert "http://10.0.0.2:8000/ping/a-b?c=d" == settings.heartbeat_url
    assert ("monitor.lan", "*.example.com", "192.0.2.1", "fd00::1") == settings.allowed_hosts
    assert timedelta(seconds=1.5) == settings.offline_after
    assert tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "::1/128"))) == settings.trusted_proxies


def test_a_proxy_may_be_written_as_a_mapped_ipv4_address():
    settings = load(HOME | {"MONITOR_TRUSTED_PROXIES": "::ffff:192.0.2.1,::ffff:10.0.0.0/104,fd00::/8,::/0"})
    assert tuple(map(ip_network, ("192.0.2.1", "10.0.0.0/8", "fd00::/8", "::/0"))) == settings.trusted_proxies


def test_the_repr_shows_no_secrets():
    secrets = {"DB_PASS": SECRET, "SMTP_PASS": SECRET, "JWT_SECRET_KEY": SECRET * 9}
    secrets["MONITOR_ADMIN_PASSWORD"] = SECRET * 2
    secrets["MONITOR_SECRETS_KEY"] = KEY
    secrets["MONITOR_HEARTBEAT_URL"] = f"https://monitor.example.com/ping/{SECRET}"
    others = {"DB_HOST": "db", "DB_USER": "flask", "SMTP_HOST": "mail", "SMTP_USER": "me@example.com"}
    shown = repr(load(HOME | others | secrets))
    assert SECRET not in shown
    assert "secrets_keys" not in shown


def test_keys_of_the_secrets_at_rest(tmp_path: Path):
    """They come from the environment or a file, the newest first."""
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n{OLD_KEY}\n")
    keys = (b64decode(KEY), b64decode(OLD_KEY))
    assert keys == load(HOME | {"MONITOR_SECRETS_KEY": f"{KEY}, {OLD_KEY}"}).secrets_keys
    assert keys == load(HOME | {"MONITOR_SECRETS_KEY_FILE": str(file)}).secrets_keys
    assert () == load(HOME).secrets_keys
    both = refusal(MONITOR_SECRETS_KEY=KEY, MONITOR_SECRETS_KEY_FILE=str(file))
    assert "MONITOR_SECRETS_KEY_FILE: not together with MONITOR_SECRETS_KEY" == both


def test_quotas():
    """Each has a default and can't be switched off by mistake."""
    usual = Quotas(servers=1000, silences=200, policies=200, keys=1000, tokens=100, streams=20, backtests=4)
    assert load(HOME).quotas == usual
    names = ("SERVERS", "SILENCES", "POLICIES", "KEYS", "TOKENS", "STREAMS", "BACKTESTS")
    chosen = load(HOME | {f"MONITOR_MAX_{name}": str(number) for number, name in enumerate(names, 1)}).quotas
    assert chosen == Quotas(servers=1, silences=2, policies=3, keys=4, tokens=5, streams=6, backtests=7)
    for name in names:
        for wrong in ("0", "-1", "1.5", "many", "1000001", "1" * 5000):
            line = refusal(**{f"MONITOR_MAX_{name}": wrong})
            assert line.startswith(f"MONITOR_MAX_{name}: must be a whole number from 1 to 1000000")


def test_history_in_victoriametrics(tmp_path: Path):
    """With user and password, or a token; never shown."""
    token = tmp_path / "token"
    token.write_text(f"{SECRET}\n")
    address = load(HOME | {"HISTORY_URL": "http://10.0.0.1:8428", "HISTORY_TOKEN_FILE": str(token)})
    assert address.history is not None
    assert ("http://10.0.0.1:8428", SECRET) == (address.history.shown, address.history.token)
    named = load(HOME | {"HISTORY_URL": f"http://me:{SECRET}@10.0.0.1:8428"})
    assert SECRET not in repr(address) + repr(named)
    assert load(HOME).history is None


@pytest.mark.parametrize("url", ["8428", "ftp://x", f"http://me:{SECRET}@", "http://a,http://b,http://c"])
def test_a_wrong_address_of_the_history(url: str):
    assert refusal(HISTORY_URL=url).startswith("HISTORY_URL: must be")


def test_a_wrong_token_of_the_history(tmp_path: Path):
    missing, empty, good = (tmp_path / name for name in ("missing", "empty", "good"))
    empty.write_text("\n")
    good.write_text(SECRET)
    url = "http://10.0.0.1:8428"
    assert "can't read" in refusal(HISTORY_URL=url, HISTORY_TOKEN_FILE=str(missing))
    assert "one line" in refusal(HISTORY_URL=url, HISTORY_TOKEN_FILE=str(empty))
    both = refusal(HISTORY_URL=f"http://me:{SECRET}@10.0.0.1:8428", HISTORY_TOKEN_FILE=str(good))
    assert both.startswith("HISTORY_TOKEN_FILE: not together")


def test_backups_by_schedule():
    kept = load(HOME)
    assert (None, "0 2 * * *", 7) == (kept.backup_dir, kept.backup_at, kept.backup_keep)
    chosen = {"MONITOR_BACKUP_DIR": "/backups", "MONITOR_BACKUP_AT": "*/30 4 * * 1", "MONITOR_BACKUP_KEEP": "3"}
    kept = load(HOME | chosen)
    assert (Path("/backups"), "*/30 4 * * 1", 3) == (kept.backup_dir, kept.backup_at, kept.backup_keep)
    assert "MONITOR_BACKUP_AT" in refusal(MONITOR_BACKUP_AT="at two")
    assert "MONITOR_BACKUP_KEEP" in refusal(MONITOR_BACKUP_KEEP="0")
