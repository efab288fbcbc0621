"""Configuration files: whatever is written is read as the same, by us and by other programs."""

import tracemalloc
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.yaml_files import MAX_DEPTH, YamlFiles
from monitor.application.configuration.current import Written
from monitor.domain.errors import InvalidInput, Problem

FILES = YamlFiles()
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "no",
        "null",
        "~",
        "1",
        "1e3",
        "0x1f",
        "2030-01-01",
        "12:30",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        " a",
        "on",
        "",
        "\x85",
    ]
)
scalars = (
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | texts
)
fields = st.dictionaries(
    texts, scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=2), max_size=3
)
trees = st.fixed_dictionaries(
    {"named": st.dictionaries(texts, fields, max_size=3), "listed": st.lists(fields.filter(bool), max_size=3)}
)


@given(trees)
def test_what_is_written_is_read_as_the_same(tree: dict[str, Any]):
    text = FILES.write(Written(tree=tree, head="two\n\nlines", comments={"named": "one"}))
    assert FILES.read(text) == tree
    assert text == FILES.write(Written(tree=FILES.read(text), head="two\n\nlines", comments={"named": "one"}))


@given(st.dictionaries(texts, texts, max_size=3))
def test_other_programs_read_texts_as_texts(tree: dict[str, str]):
    text = FILES.write(Written(tree={"named": tree}, comments={}))
    assert yaml.safe_load(text) == {"named": tree}


@pytest.mark.parametrize(
    ("written", "read"), [("no", "no"), ("2030-01-01", "2030-01-01"), ("0o7", "0o7"), ("1_0", "1_0")]
)
def test_no_text_means_two_things(written: str, read: object):
    assert FILES.read(f"a: {written}") == {"a": read}


def test_a_line_is_that_of_the_key():
    text = "# comment\na:\n  b:\n    - c: 1\n      d: 2\n"
    paths = [("a",), ("a", "b", 0, "d"), ("a", "b", 7), ("x",)]
    assert [2, 5, 3, 2] == [FILES.lines(text, paths)[path] for path in paths]


@pytest.mark.parametrize(
    "text", ["[" * (MAX_DEPTH + 2), "a: &x 1\nb: *x", "? [a]\n: b", "a: !!int 1", "{a: 1, a: 2}", "%YAML 9", "a: '"]
)
def test_what_is_refused(text: str):
    with pytest.raises(InvalidInput):
        FILES.read(text)


def test_an_alias_bomb_stays_small():
    text = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    with pytest.raises(InvalidInput):
        FILES.read(text)


def test_a_large_list_takes_a_few_bytes_for_each_value():
    """A file may have a million of them."""
    count = 100_000
    text = "a: [" + "1," * count + "1]"
    tracemalloc.start()
    try:
        FILES.read(text)
        assert tracemalloc.get_traced_memory()[1] < 50 * count
    finally:
        tracemalloc.stop()


def test_a_million_values_are_the_most():
    with pytest.raises(InvalidInput) as refusal:
        FILES.read("a: [" + "1," * 1_000_000 + "1]")
    [found] = refusal.value.problems.values()
    assert Problem("too_many", {"limit": 1_000_000}) == found.params["why"]
