"""What agents and Prometheus send, and when it counts as stored."""

from mutants.mutant import Mutant, Mutants

_QUEUE, _STORE, _SAMPLES = (
    "application/intake/queue.py",
    "application/intake/store_samples.py",
    "domain/intake/samples.py",
)
_ASSEMBLY = "domain/intake/assembly.py"
_SCRAPES, _BOUNDS = "unit/domain/intake/test_scrapes.py", "unit/domain/intake/test_assembly_bounds.py"

MUTANTS: Mutants = {
    "intake": [
        Mutant(
            "acknowledged before the commit",
            "adapters/http/intake/endpoint.py",
            "submission = await until_done(Submission(samples, unregistered, refused=refused), self._queue.put)",
            "submission = Submission(samples, unregistered, refused=refused)\n        self._queue.put(submission)\n"
            "        submission.outcomes = [Outcome.STORED] * len(samples)",
            "integration/http/intake/test_intake_pressure.py",
        ),
        Mutant(
            "acknowledged though the commit failed",
            _QUEUE,
            "self.failure, self._failed = error, group[0]\n            for submission in group:\n"
            "                submission.error = error",
            "self.failure, self._failed = error, group[0]\n            for submission in group:\n"
            "                submission.outcomes = [Outcome.STORED] * len(submission.samples)",
            "unit/application/intake/test_intake_queue.py",
        ),
        Mutant(
            "the epoch of after the commit",
            _QUEUE,
            "= outcomes[first:last], epoch",
            "= outcomes[first:last], self._epoch.text",
            "unit/application/intake/test_intake_queue.py",
        ),
        Mutant(
            "a repeat in one group is stored twice",
            _STORE,
            "elif key in seen:",
            "elif key in known:",
            "unit/application/intake/test_store_samples.py",
        ),
        Mutant(
            "a repeat that another process stored is an error",
            _STORE,
            "list(map(_key, samples)) if doubts else",
            "[] if doubts else",
            "unit/application/intake/test_store_samples.py",
        ),
        Mutant(
            "one bad request fails its group",
            _QUEUE,
            "if len(group) == 1:",
            "if group:",
            "unit/application/intake/test_intake_queue.py",
        ),
        Mutant(
            "400 days late is too late",
            _SAMPLES,
            "if recorded_at < received_at - kept:",
            "if recorded_at <= received_at - kept:",
            "unit/domain/intake/test_samples.py",
        ),
        Mutant(
            "a restored database begins no epoch",
            "domain/intake/epochs.py",
            "if found.number < seen.number or (",
            "if (",
            "unit/domain/intake/test_epochs.py",
        ),
    ],
    "remote write": [
        Mutant(
            "a scrape is a sample before all of it came",
            _ASSEMBLY,
            "if not self.is_newest(scrape):",
            "if self.is_newest(scrape):",
            _SCRAPES,
        ),
        Mutant(
            "what came later wins", _ASSEMBLY, "packed({**held, **new})", "packed({**held, **part.readings})", _SCRAPES
        ),
        Mutant(
            "the samples of other reports are amended",
            _ASSEMBLY,
            "State.STORED if new else State.FOREIGN",
            "State.STORED",
            _SCRAPES,
        ),
        Mutant(
            "a target too many",
            "domain/intake/known.py",
            "len(targets) >= MAX_TARGETS:",
            "len(targets) > MAX_TARGETS:",
            _BOUNDS,
        ),
        Mutant(
            "what lies before all that is remembered is taken as absent",
            _ASSEMBLY,
            "scrape.at - LOOKBACK < self._since",
            "False",
            _SCRAPES,
        ),
    ],
}
