"""Which stored thing an entry of a file means."""

from monitor.domain.configuration.matching import Entry, matches


def an_entry(key: str, was: str | None = None) -> Entry:
    return Entry(key=key, content={"target": key}, was=was)


def test_a_renaming_is_done_once_also_if_the_old_name_is_used_again() -> None:
    file = [an_entry("shop-old", was="shop"), an_entry("shop")]
    assert [0, None] == matches(file, [an_entry("shop")])
    assert [0, 1] == matches(file, [an_entry("shop-old"), an_entry("shop")])


def test_names_that_were_swapped_stay() -> None:
    file = [an_entry("a", was="b"), an_entry("b", was="a")]
    assert [0, 1] == matches(file, [an_entry("a"), an_entry("b")])


def test_a_name_that_is_given_up_in_the_same_file_may_be_taken() -> None:
    file = [an_entry("z", was="a"), an_entry("a", was="b"), an_entry("b")]
    assert [0, 1, None] == matches(file, [an_entry("a"), an_entry("b")])
    assert [1, 2, 0] == matches(file, [an_entry("b"), an_entry("z"), an_entry("a")])
