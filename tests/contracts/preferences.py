import pytest

from monitor.domain.notifications.mail_settings import PASSWORD
from tests.contracts.builders import HOSTILE
from tests.contracts.threads import at_once, until_no_conflict


class PreferencesContract:
    def test_a_value_that_was_never_set_is_absent(self, new_uow):
        with new_uow() as uow:
            assert uow.preferences.all() == {}

    @pytest.mark.parametrize("value", [1, 90.0, 0.1 + 0.2, -1.5e308, 5e-324])
    def test_a_value_is_read_back_equal(self, new_uow, value):
        with new_uow() as uow:
            uow.preferences.save({"offline_after": value})
            assert uow.preferences.all() == {"offline_after": value}
            uow.commit()
        with new_uow() as uow:
            assert uow.preferences.all() == {"offline_after": value}

    @pytest.mark.parametrize("value", ["", "node_load1\nup", *HOSTILE, "x" * 30_000])
    def test_a_text_is_read_back_equal(self, new_uow, value):
        with new_uow() as uow:
            uow.preferences.save({"names": 7.0, "other": 1.0})
            uow.preferences.save({"names": value})
            uow.commit()
        with new_uow() as uow:
            assert uow.preferences.all() == {"names": value, "other": 1.0}
            uow.preferences.save({"names": 2.0})
            assert uow.preferences.all() == {"names": 2.0, "other": 1.0}

    def test_the_secret_among_them_is_read_back_equal(self, new_uow):
        for value in ("pa$$word", "", "another"):
            with new_uow() as uow:
                uow.preferences.save({PASSWORD: value, "other": 1.0})
                uow.commit()
            with new_uow() as uow:
                uow.preferences.reencrypt()
                assert uow.preferences.all() == {PASSWORD: value, "other": 1.0}

    def test_setting_some_leaves_the_others(self, new_uow):
        for values in ({"a": 1.0, "b": 2.0}, {"b": 3.0, "c": 4.0}, {}, {"c": 4.0}):
            with new_uow() as uow:
                uow.preferences.save(values)
                uow.commit()
        with new_uow() as uow:
            assert uow.preferences.all() == {"a": 1.0, "b": 3.0, "c": 4.0}

    def test_the_result_of_all_belongs_to_the_caller(self, new_uow):
        with new_uow() as uow:
            uow.preferences.save({"a": 1.0})
            uow.preferences.all()["a"] = 2.0
            assert uow.preferences.all() == {"a": 1.0}

    def test_two_may_set_a_value_at_the_same_time(self, new_uow):
        def save(value: float) -> None:
            with new_uow() as uow:
                uow.preferences.save({"digest_wait": value})
                uow.commit()

        at_once(*(lambda value=value: until_no_conflict(lambda: save(value)) for value in (1.0, 2.0)))
        with new_uow() as uow:
            assert uow.preferences.all()["digest_wait"] in {1.0, 2.0}
