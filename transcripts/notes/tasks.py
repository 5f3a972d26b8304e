"""Tasks: who promised, was asked, or has to do something, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transcripts.notes import task_cues as cues
from transcripts.notes.dates import find_date
from transcripts.notes.dialogue import REACH, Dialogue, is_question
from transcripts.notes.people import People
from transcripts.notes.sentences import Sentence

# Beyond so many words a sentence is a story in which somebody happens to do something.
LONGEST_TASK = 45


@dataclass(frozen=True, slots=True)
class Task:
    """`assignee` and `due_date` are empty where nothing certain was said."""

    sentence: Sentence
    assignee: str
    due_date: str
    acceptance: Sentence | None = None


def find_tasks(dialogue: Dialogue, people: People) -> list[Task]:
    tasks: list[Task] = []
    for sentence in dialogue.sentences:
        task = _find_task(sentence, dialogue, people)
        asked = _find_asked(sentence, tasks) if task else None
        if task and asked is not None:
            tasks[asked] = _accept(tasks[asked], task)
        elif task and sentence.terms:
            tasks.append(task)
    return tasks


def _find_task(sentence: Sentence, dialogue: Dialogue, people: People) -> Task | None:
    text = sentence.text
    if len(sentence.words) > LONGEST_TASK or cues.NO_TASK.search(text) or cues.TELLING.search(text):
        return None
    due_date = find_date(text)
    dutiful = people.find_dutiful(text)
    if dutiful:
        return Task(sentence, dutiful, due_date)
    promise = cues.PROMISE.search(text) or (cues.DATED_PROMISE.search(text) if due_date else None)
    if promise and not is_question(sentence) and not cues.CONDITION.search(text[: promise.start()]):
        return Task(sentence, "" if cues.TOGETHER.match(promise[0]) else sentence.line.speaker, due_date)
    if cues.REQUEST.search(text):
        return _find_requested(sentence, due_date, dialogue, people)
    if cues.WEAK_REQUEST.search(text):
        requested = _find_requested(sentence, due_date, dialogue, people)
        return requested if requested and requested.assignee else None
    return Task(sentence, "", due_date) if cues.DUTY.search(text) and not is_question(sentence) else None


def _find_requested(sentence: Sentence, due_date: str, dialogue: Dialogue, people: People) -> Task | None:
    """Return the task of whoever was addressed or accepted, or none if the next speaker refused."""
    addressed = people.find_addressed(sentence.text, speaker=sentence.line.speaker)
    for reply in dialogue.find_replies(sentence)[:1]:
        if cues.REFUSAL.match(reply[0].text):
            return None
        if cues.ACCEPTANCE.match(reply[0].text) and addressed in ("", reply[0].line.speaker):
            return Task(sentence, reply[0].line.speaker, due_date, reply[0])
    return Task(sentence, addressed, due_date)


def _find_asked(sentence: Sentence, tasks: Sequence[Task]) -> int | None:
    """Return the place of the request that a promise merely accepts, as in "sure, I'll do that by Friday"."""
    if not cues.PROMISE.search(sentence.text):
        return None
    for place in range(len(tasks) - 1, -1, -1):
        asked = tasks[place]
        if sentence.line_index - asked.sentence.line_index > REACH:
            break
        by_other = sentence.line.speaker != asked.sentence.line.speaker
        free = asked.assignee in ("", sentence.line.speaker)
        if by_other and free and set(sentence.terms) <= set(asked.sentence.terms):
            return place
    return None


def _accept(asked: Task, accepted: Task) -> Task:
    return replace(
        asked,
        assignee=accepted.assignee,
        due_date=asked.due_date or accepted.due_date,
        acceptance=accepted.sentence,
    )
