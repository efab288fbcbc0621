"""A mail, read back as the recipient's program reads it."""

import re
from datetime import timedelta

import pytest

from monitor.adapters.notify.mail.bodies import MOST_CHARTS
from monitor.adapters.notify.wording.digest import MOST_LISTED
from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE
from tests.unit.adapters.notify.mails import html_of, page_of, pictures_of, sent, text_of
from tests.unit.adapters.notify.messages import NOON, a_message, an_alert, an_hour, an_item, ended

HEADERS = {
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}
TEXT = """\
[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)

Server:    web-1 (192.0.2.10)
Metric:    CPU
Level:     critical
Value:     92.4 %
Threshold: 85 %
Since:     2026-11-03 11:48:00 UTC
Fired:     2026-11-03 11:53:00 UTC
Duration:  7 min
Last hour:
  |▂▂▂▃▃▃▃▃▃▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▇▇| 20 % to 79 %
Top processes when it fired:
  mysqld: CPU 88.1 %, memory 40.2 %
  nginx:  CPU 1.25 %, memory 0.4 %
View alert: https://monitor.example/alerts/12
Acknowledge: https://monitor.example/ack/k3y

--\x20
Sent by monitor at 2026-11-03 12:00:00 UTC
"""


def test_headers():
    """Those of an automatic mail to one person, and no others."""
    found = sent(a_message(an_item()))
    assert HEADERS == set(found.keys())
    assert "monitor <alerts@example.com>" == str(found["From"])
    assert "ada@example.com" == str(found["To"])
    assert "<m-1@monitor>" == found["Message-ID"]
    assert NOON == found["Date"].datetime
    assert "auto-generated" == found["Auto-Submitted"]
    assert "multipart/alternative" == found.get_content_type()


def test_the_text_part():
    """As a whole, so that a change to it is seen."""
    assert TEXT == text_of(sent(a_message(an_item(ack_link="https://monitor.example/ack/k3y"))))


def test_the_text_part_in_chinese():
    """Labels, level and metric are in the recipient's language, times in UTC."""
    text = text_of(sent(a_message(an_item(note="磁盘已清理"), locale="zh-CN")))
    for line in ("指标：     CPU", "级别：     严重", "触发时间： 2026-11-03 11:53:00 UTC", "备注：     磁盘已清理"):
        assert line in text.splitlines()
    assert "Acknowledge" not in text
    assert "确认告警" not in text


def test_the_html_part_says_the_same():
    """Every fact, both links, and a picture with words for those who don't see it."""
    found = sent(a_message(an_item(ack_link="https://monitor.example/ack/k3y")))
    page = page_of(found)
    for fact in ("web-1 (192.0.2.10)", "critical", "92.4 %", "85 %", "2026-11-03 11:53:00 UTC", "mysqld", "7 min"):
        assert fact in page.text
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert ["https://monitor.example/alerts/12", "https://monitor.example/ack/k3y"] == links
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert "Last hour: 20 % to 79 %" == image["alt"]
    assert {f"<{str(image['src']).removeprefix('cid:')}>"} == set(pictures_of(found))


def test_nothing_in_it_is_fetched_from_elsewhere():
    """No picture, style sheet or font reveals that the mail was read."""
    page = page_of(sent(a_message(an_item())))
    assert {"html", "head", "meta", "title", "body", "div", "p", "table", "tr", "td", "img", "a", "bdi"} == {
        tag for tag, _ in page.tags
    }
    assert all("url(" not in (attributes.get("style") or "") for _, attributes in page.tags)
    assert all((attributes["src"] or "").startswith("cid:") for tag, attributes in page.tags if tag == "img")


def test_the_same_message_has_the_same_id_and_thread():
    """A mail program may drop a repeated one; fired and resolved are in one thread."""
    fired, resolved = (
        sent(a_message(an_item(), message_id="a")),
        sent(a_message(an_item(EventKind.RESOLVED, alert=ended()), message_id="b")),
    )
    assert fired["Message-ID"] != resolved["Message-ID"]
    assert fired["References"] == resolved["References"] == resolved["In-Reply-To"]
    assert fired["Message-ID"] == sent(a_message(an_item(), message_id="a"))["Message-ID"]


@pytest.mark.parametrize("hostile", ["", "a b", "a>\r\nBcc: x@y", "x" * 200, "\ud800", "告警", ".a.", "a@b"])
def test_any_message_id_makes_a_header(hostile):
    """An id that is not allowed in a header is hashed: equal ids stay equal."""
    found = sent(a_message(an_item(), message_id=hostile))
    assert re.fullmatch(r"<[0-9a-f]{40}@monitor>", found["Message-ID"])
    assert HEADERS == set(found.keys())


def test_a_host_without_samples_has_no_chart():
    """An offline host's mail says when it last reported."""
    alert = an_alert(metric=OFFLINE, threshold=None, started_at=NOON - timedelta(minutes=3))
    found = sent(a_message(an_item(alert=alert, last_hour=())))
    assert {} == pictures_of(found)
    assert "Last report: 2026-11-03 11:57:00 UTC" in text_of(found)
    assert "Last hour" not in text_of(found)
    assert "Top processes in the last report:\n  mysqld" in text_of(found)
    assert "Top processes in the last report" in html_of(found)


def test_a_digest_is_grouped():
    """Firing before ended, critical before warning."""
    text = text_of(
        sent(
            a_message(
                an_item(EventKind.RESOLVED, alert=ended(), server_name="d"),
                an_item(alert=an_alert(level=Level.WARNING), server_name="c"),
                an_item(server_name="a"),
                an_item(alert=an_alert(fired_at=NOON), server_name="b"),
            )
        )
    )
    seen = [line for line in text.splitlines() if line.startswith(("==", "["))]
    assert [
        "== Firing, critical (2) ==",
        "[CRITICAL] a CPU 92.4 % (threshold 85 %)",
        "[CRITICAL] b CPU 92.4 % (threshold 85 %)",
        "== Firing, warning (1) ==",
        "[WARNING] c CPU 92.4 % (threshold 85 %)",
        "== Ended (1) ==",
        "[RESOLVED] d CPU 92.4 % (was critical, 92.4 % at 11:53 UTC, lasted 7 min)",
    ] == seen


def test_a_digest_of_hundreds_stays_readable():
    """All are counted, fifty are listed, and the worst are among them."""
    items = [
        an_item(
            alert=an_alert(id=AlertId(i), level=Level.CRITICAL if i >= 380 else Level.WARNING),
            server_name=f"host-{i}",
        )
        for i in range(400)
    ]
    found = sent(a_message(*items))
    assert str(found["Subject"]).startswith("400 alerts: [CRITICAL] host-380 CPU")
    for text in (text_of(found), page_of(found).text):
        assert "and 350 more" in text
        assert "Firing, critical (20)" in text
        assert "Firing, warning (380)" in text
        assert {f"host-{i}" for i in (*range(380, 400), *range(30))} == set(re.findall(r"host-\d+(?= \()", text))
    assert MOST_LISTED == len(re.findall("Last hour", text_of(found)))
    assert MOST_CHARTS == len(pictures_of(found))
    assert len(found.as_bytes()) < 300_000


def test_a_test_mail():
    """It says so, and nothing of alerts."""
    found = sent(a_message(is_test=True))
    assert text_of(found).startswith("This is a test message.")
    assert "This is a test message." in html_of(found)


def test_names_of_hosts_are_isolated_from_the_text_around_them():
    """A right-to-left name can't turn the figures around."""
    page = page_of(sent(a_message(an_item(server_name="خادم"))))
    assert "خادم CPU 92.4 %" in page.text
    assert any(tag == "bdi" for tag, _ in page.tags)


def test_a_sender_with_a_name_and_an_international_domain():
    """The domain is written as in DNS, which every server understands."""
    found = sent(a_message(an_item(last_hour=an_hour())), recipient="ada@例子.中国")
    assert "ada@xn--fsqu00a.xn--fiqs8s" == str(found["To"])


def test_a_mail_has_the_peak_if_it_differs_from_the_present_value():
    peak = {"peak_level": Level.CRITICAL, "peak_value": 98.0, "peak_at": NOON - timedelta(minutes=5)}
    alert = an_alert(level=Level.WARNING, value=71.0, **peak)
    english, chinese = (text_of(sent(a_message(an_item(alert=alert), locale=locale))) for locale in ("en", "zh-CN"))
    assert re.search(r"^Worst: +critical, 98 % \(2026-11-03 11:55:00 UTC\)$", english, re.MULTILINE)
    assert re.search(r"^峰值： *严重，98 %（2026-11-03 11:55:00 UTC）$", chinese, re.MULTILINE)
    assert "Worst" not in text_of(sent(a_message(an_item())))
