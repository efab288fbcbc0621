"""What the API, mails and chats say: in the words of the field, and the same in both languages."""

import re
from collections.abc import Mapping
from string import Formatter

import pytest

from monitor.adapters.http.edge.words import messages
from monitor.adapters.memory.fakes import FixedClock, MemoryMailer
from monitor.adapters.notify.kinds import Tools, senders
from monitor.adapters.notify.web_push.channel import WebPushSender
from monitor.adapters.notify.wording import account_texts, texts
from monitor.adapters.outbound.connections import Outbound

CHANNELS = senders(Tools(mailer=MemoryMailer(), outbound=Outbound(), clock=FixedClock()))
FORMS = [*(sender.form for sender in CHANNELS.values()), WebPushSender.form]
PAIRS: Mapping[str, tuple[str, str]] = {
    **messages.SENTENCES,
    **texts.SENTENCES,
    **account_texts.SENTENCES,
    **{f"kind.{form.kind}": form.label for form in FORMS},
    **{f"label.{form.kind}.{setting.name}": setting.label for form in FORMS for setting in form.settings},
    **{f"hint.{form.kind}.{setting.name}": setting.hint for form in FORMS for setting in form.settings},
}
RETIRED = re.compile(
    r"\b(told|tells?|whoever|nobody|anybody|somebody|stands?|meanwhile|unwell|calms?|parked|mend|lies|holds?|"
    r"at once|at hand|as ever|well-formed|of ours|write it out|written|and over|is over|that moment|can't)\b",
    re.IGNORECASE,
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(("key", "said"), [(key, english) for key, (_, english) in PAIRS.items()])
def test_english_has_no_retired_word(key: str, said: str):
    assert RETIRED.search(said) is None, key
    assert CHINESE.search(said) is None, key


@pytest.mark.parametrize(("key", "said"), [(key, chinese) for key, (chinese, _) in PAIRS.items()])
def test_both_languages_fill_in_the_same_values(key: str, said: str):
    assert _names(said) == _names(PAIRS[key][1]), key


def test_the_first_word_alone_begins_with_a_capital():
    titled = re.compile(r"[a-z,] (?!Key\b)[A-Z][a-z]+")
    assert [] == [english for _, english in PAIRS.values() if titled.search(english)]


def test_a_number_and_its_unit_have_a_space_between_them():
    assert [] == [pair for pair in PAIRS.values() if re.search(r"\}%", "".join(pair))]


def test_names_of_kinds_fit_into_their_column():
    assert [] == [form.kind for form in FORMS if not 1 <= len(form.kind) <= 16]


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
