"""Plans of configuration files, and applying them."""

from mutants.mutant import Mutant, Mutants

_APPLYING, _CHANGES, _ENDS = (
    "application/configuration/applying.py",
    "domain/configuration/changes.py",
    "application/configuration/planning.py",
)
_MATCHING = "domain/configuration/matching.py"
_HTTP = "integration/http/configuration/test_config.py"

MUTANTS: Mutants = {
    "plan": [
        Mutant(
            "it leaves out what is deleted",
            _CHANGES,
            "yield from ((thing, None) for id_, thing in old.items() if id_ not in new)",
            "yield from ((thing, None) for id_, thing in old.items() if id_ is None)",
            f"{_HTTP}::test_an_edit_is_planned_and_applied",
        ),
        Mutant(
            "a new secret does not show",
            _CHANGES,
            "if getattr(before, field.of) != getattr(after, field.of)",
            "if getattr(before, field.of) is None",
            f"{_HTTP}::test_a_new_secret_is_planned_and_not_shown",
        ),
        Mutant(
            "alerts that it ends are not named",
            _ENDS,
            "if policy is None or policy.id != alert.policy_id:\n            return True",
            "if policy is None or policy.id != alert.policy_id:\n            return False",
            "unit/application/configuration/test_ends.py",
        ),
        Mutant(
            "all alerts of an edited policy end",
            _ENDS,
            "levels.get(alert.id) is Level.OK for alert",
            "True for alert",
            "unit/application/configuration/test_ends.py",
        ),
        Mutant(
            "what is silenced counts as a page",
            "application/configuration/sides.py",
            "if silence.metric in (None, policy.metric)",
            "if silence.metric == policy.metric",
            "integration/http/configuration/test_pages.py",
        ),
        Mutant(
            "schedules that never come are taken",
            "application/configuration/planning.py",
            "if check_in is not None:\n                try:",
            "if check_in is None:\n                try:",
            f"{_HTTP}::test_what_is_wrong_is_said_with_its_line",
        ),
    ],
    "apply": [
        Mutant(
            "a plan of before is applied",
            _APPLYING,
            "if current.revision != revision:\n            raise ConfigurationChanged",
            "if not revision:\n            raise ConfigurationChanged",
            f"{_HTTP}::test_it_is_refused_if_something_changed_since",
        ),
        Mutant(
            "what others change meanwhile is overwritten",
            _APPLYING,
            "if self.read.queries.fleet.revision() != current.directory.revision:",
            "if self.read.queries.fleet.revision() < 0:",
            f"{_HTTP}::test_of_two_edits_at_once_the_later_overwrites_nothing",
        ),
        Mutant(
            "secrets that a file does not show are lost",
            _MATCHING,
            "return hidden | {name: value",
            "return {name: value",
            f"{_HTTP}::test_secrets_stay_where_they_are",
        ),
        Mutant(
            "a setting that the file lacks stays",
            _APPLYING,
            'given["settings"] = dict.fromkeys(before.settings, "") | dict(channel.settings)',
            'given["settings"] = dict(channel.settings)',
            f"{_HTTP}::test_a_setting_that_the_file_lacks_is_removed",
        ),
        Mutant(
            "a masked secret is a new one",
            _MATCHING,
            "for name, value in fresh.settings.items() if value and value != MASK}\n\n",
            "for name, value in fresh.settings.items() if value}\n\n",
            f"{_HTTP}::test_a_masked_secret_is_no_change",
        ),
        Mutant(
            "a part is committed alone",
            "application/configuration/one_transaction.py",
            '"""Leave it to the whole."""',
            "self._whole.commit()",
            f"{_HTTP}::test_of_two_edits_at_once_the_later_overwrites_nothing",
        ),
    ],
}
