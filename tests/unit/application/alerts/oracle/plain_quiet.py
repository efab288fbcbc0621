"""The quiet rule computed anew at each question, from all that happened to one metric, as it is documented."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.domain.levels import Level

DAY = timedelta(days=1)
LEAST, MOST = timedelta(minutes=15), timedelta(minutes=60)


@dataclass(eq=False)
class Story:
    """One alert as far as the rule saw it. *heard*: when people were notified, and of which level. *known*: the highest
    level that needs no more word. *held_since*: None while it is not held. *held*: for how long it was, each time, and
    how many messages there had been by then."""

    since: datetime
    level: Level
    until: datetime | None = None
    heard: list[tuple[datetime, Level]] = field(default_factory=list)
    known: Level = Level.OK
    held_since: datetime | None = None
    held: list[tuple[timedelta, int]] = field(default_factory=list)
    due: datetime | None = None

    def reached(self, level: Level) -> bool:
        return any(of >= level for _, of in self.heard)


@dataclass(eq=False)
class PlainQuiet:
    """*stories*: oldest first. *messages*: how many people got, and how often somebody acknowledged."""

    stories: list[Story] = field(default_factory=list)
    messages: int = 0

    @property
    def story(self) -> Story | None:
        return self.stories[-1] if self.stories and self.stories[-1].until is None else None

    def reaches(self, level: Level, at: datetime, reminder_after: timedelta, *, is_new: bool) -> bool:
        """Return whether people are notified now that the alert has reached *level*."""
        story = self.story
        if story is None or is_new:
            story = Story(at, level)
            self.stories.append(story)
        story.level = level
        if level <= story.known:
            return False
        others = [other for other in self._stretch() if other is not story and other.reached(level)]
        lately = [when for each in self._stretch() for when, of in each.heard if of >= level and at - when < DAY]
        left = reminder_after - self._held_time()
        if len(others) < 2 or not lately or (story.due is None and left <= timedelta(0)):
            self._notify(story, at)
            return True
        if story.due is None:
            ended = [each.until - each.since for each in self.stories if each.until and at - each.until < DAY]
            wait = min(max(2 * max(ended, default=LEAST), LEAST), MOST)
            story.due, story.held_since = at + min(wait, left), at
        return False

    def falls_back(self, level: Level, at: datetime) -> None:
        if self.story is not None:
            self.story.level = level
            if level <= self.story.known:
                self._stop(self.story, at)

    def falls_due(self, at: datetime) -> None:
        if self.story is not None:
            self._notify(self.story, at)

    def acknowledged(self, at: datetime) -> None:
        if self.story is not None:
            self._stop(self.story, at)
            self.story.known = max(self.story.known, self.story.level)
            self.messages += 1

    def reminded(self) -> None:
        self.messages += 1

    def ends(self, at: datetime, *, is_heard: bool = True) -> None:
        """*is_heard*: False if all that was said of it was taken back before anybody heard it: it is forgotten."""
        story = self.story
        if story is None:
            return
        if not is_heard:
            self.stories.pop()
            return
        self._stop(story, at)
        story.until = at
        if story.heard:
            self.messages += 1

    def _stretch(self) -> list[Story]:
        """Return the stories back to a calm day."""
        found = self.stories[-1:]
        for before in reversed(self.stories[:-1]):
            if before.until is not None and found[-1].since - before.until >= DAY:
                break
            found.append(before)
        return found

    def _held_time(self) -> timedelta:
        """Return for how long alerts of the stretch were held since the last message."""
        spans = [span for story in self._stretch() for span in story.held]
        return sum((lasted for lasted, messages in spans if messages == self.messages), timedelta(0))

    def _stop(self, story: Story, at: datetime) -> None:
        if story.held_since is not None:
            story.held.append((max(at - story.held_since, timedelta(0)), self.messages))
        story.held_since = story.due = None

    def _notify(self, story: Story, at: datetime) -> None:
        self._stop(story, at)
        story.heard.append((at, story.level))
        story.known = story.level
        self.messages += 1
