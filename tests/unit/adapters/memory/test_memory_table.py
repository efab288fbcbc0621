"""Tables keep what is committed, and do with references what a database does."""

from dataclasses import dataclass

import pytest

from monitor.adapters.memory.table import Definition, Tables
from monitor.domain.errors import ConstraintViolated, NotFound


@dataclass(frozen=True)
class Author:
    name: str | None
    id: int = 0


@dataclass(frozen=True)
class Book:
    author_id: int
    reader_ids: frozenset[int] = frozenset()
    editor_id: int | None = None
    id: int = 0


@dataclass(frozen=True)
class Loan:
    book_id: int
    id: int = 0


class Taken(Exception):
    pass


class Library(Tables):
    authors = Definition[int, Author]("author", unique=lambda author: author.name, taken=Taken, part="people")
    books = Definition[int, Book](
        "book", owners={"author_id": "authors"}, links={"reader_ids": "authors"}, mentions={"editor_id": "authors"}
    )
    loans = Definition[int, Loan]("loan", owners={"book_id": "books"})
    notes = Definition[int, str]("note", owners={"": "books"})


@pytest.fixture
def library() -> Library:
    """With two authors that are committed."""
    made = Library()
    made.authors.add(Author("Ada"))
    made.authors.add(Author("Bob"))
    return Library(made.published(), made.last_ids)


def test_a_table_that_is_only_read_is_no_copy(library):
    assert [author.name for author in library.authors.values()] == ["Ada", "Bob"]
    assert library.authors.get(3) is None
    assert library.authors.rows is library.stored["authors"][0]
    assert library.changed == []


def test_changes_leave_what_is_committed_alone(library):
    library.authors.add(Author("Cid"))
    library.authors.delete(1)
    library.authors.put(Author("Eve", 2))
    assert library.authors.in_order() == [Author("Eve", 2), Author("Cid", 3)]
    assert [*library.stored["authors"][0]] == [1, 2]
    assert library.authors.touched == {1: True, 2: True, 3: True}


def test_ids_are_not_used_again(library):
    """Not even those of a transaction that was rolled back."""
    Library(library.stored, library.last_ids).authors.add(Author("Cid"))
    assert library.authors.add(Author("Dan")).id == 4


def test_a_unique_value_is_free_once_nobody_has_it(library):
    with pytest.raises(Taken):
        library.authors.add(Author("Ada"))
    library.authors.save(Author("Ada", 1))
    library.authors.save(Author("Ann", 1))
    library.authors.delete(2)
    assert (library.authors.by("Ada"), library.authors.by("Bob")) == (None, None)
    assert library.authors.by("Ann") == Author("Ann", 1)
    library.authors.add(Author("Ada"))


def test_no_value_is_not_unique(library):
    library.authors.add(Author(None))
    library.authors.add(Author(None))
    assert library.authors.by(None) is None


@pytest.mark.parametrize("book", [Book(7), Book(1, reader_ids=frozenset({1, 7}))])
def test_what_a_new_row_names_must_exist(library, book):
    with pytest.raises(ConstraintViolated, match="the author is gone"):
        library.books.add(book)


def test_rows_go_with_their_owners_and_forget_others(library):
    library.books.add(Book(1))
    library.books.add(Book(2, reader_ids=frozenset({1, 2}), editor_id=1))
    library.loans.add(Loan(1))
    library.loans.add(Loan(2))
    library.notes[1] = "torn"
    assert library.authors.delete(1, 7) == 1
    assert library.books.in_order() == [Book(2, reader_ids=frozenset({2}), id=2)]
    assert library.loans.in_order() == [Loan(2, 2)]
    assert dict(library.notes) == {}


def test_a_mention_may_name_what_is_gone(library):
    assert library.books.add(Book(1, editor_id=7)).editor_id == 7


def test_an_unknown_row_is_not_saved(library):
    with pytest.raises(NotFound, match="no author 7"):
        library.authors.save(Author("Cid", 7))
    assert library.authors.amend(7, name="Cid") is False
    assert library.authors.delete(7) == 0


def test_a_change_may_be_kept_out_of_the_log(library):
    library.authors.amend(1, is_logged=False, name="Ann")
    assert library.authors.touched == {1: False}
    library.authors.amend(1, name="Amy")
    library.authors.amend(1, is_logged=False, name="Eve")
    assert library.authors.touched == {1: True}
