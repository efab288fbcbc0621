import pytest

from monitor.adapters.victoria.address import parsed_address


def test_a_node_has_one_address() -> None:
    found = parsed_address("http://127.0.0.1:8428/")
    assert (found.insert, found.select, found.is_single) == ("http://127.0.0.1:8428", "http://127.0.0.1:8428", True)


def test_a_cluster_has_two() -> None:
    found = parsed_address("http://in:8480/insert/0/prometheus, http://out:8481/select/0/prometheus")
    assert found.insert == "http://in:8480/insert/0/prometheus"
    assert (found.delete, found.is_single) == ("http://out:8481/delete/0/prometheus", False)


def test_a_password_is_not_shown() -> None:
    found = parsed_address("https://me:secret@metrics.example.com:8428")
    assert "secret" not in repr(found) + found.shown
    assert found.shown == "https://metrics.example.com:8428"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8428",
        "127.0.0.1:8428",
        "ftp://x",
        "http://",
        "http://a b",
        "http://a,http://b,http://c",
        "http://x:99999",
        "http://x?y",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parsed_address(text)
