"""Tasks: who promised, was asked, or has to do something, and by when."""

from dataclasses import dataclass

from transcripts.notes import task_cues as cues
from transcripts.notes.acceptances import choose_receipt, find_acceptance, find_offer, is_refused
from transcripts.notes.dates import find_date
from transcripts.notes.dialogue import Dialogue, is_question
from transcripts.notes.people import People
from transcripts.notes.sentences import Sentence

# Beyond so many words a sentence is a story in which somebody happens to do something.
LONGEST_TASK = 45


@dataclass(frozen=True, slots=True)
class Task:
    """`assignee` and `due_date` are empty where nothing certain was said; the `replies` took it on."""

    sentence: Sentence
    assignee: str
    due_date: str
    replies: tuple[Sentence, ...] = ()

    @property
    def acceptance(self) -> Sentence | None:
        return choose_receipt(list(self.replies))

    @property
    def is_commitment(self) -> bool:
        return not is_question(self.sentence) and not cues.is_requested(self.sentence.text)


def find_tasks(dialogue: Dialogue, people: People) -> list[Task]:
    tasks: dict[int, Task] = {}
    accepting: set[int] = set()
    for sentence in dialogue.sentences:
        task = None if sentence.order in accepting else _find_task(sentence, dialogue, people)
        if not task or not task.sentence.terms or any(_repeats(task, other) for other in tasks.values()):
            continue
        tasks = {order: other for order, other in tasks.items() if not _repeats(other, task)}
        tasks[task.sentence.order] = task
        accepting.update(reply.order for reply in task.replies)
    return [tasks[order] for order in sorted(tasks)]


def _find_task(sentence: Sentence, dialogue: Dialogue, people: People) -> Task | None:
    text = sentence.text
    if len(sentence.words) > LONGEST_TASK or cues.NO_TASK.search(text) or cues.TELLING.search(text):
        return None
    if cues.is_momentary(text):
        return None
    dutiful = people.find_dutiful(text)
    if dutiful:
        return _ask(sentence, dialogue, dutiful)
    if not is_question(sentence):
        promise = _find_promise(sentence)
        if promise:
            return promise
    addressed = people.find_addressed(text, speaker=sentence.line.speaker)
    if cues.is_requested(text):
        return _ask(sentence, dialogue, addressed)
    if cues.WEAK_REQUEST.search(text):
        return _ask_weakly(sentence, dialogue, addressed)
    if cues.is_duty(text) and not is_question(sentence):
        return _offer(sentence, dialogue) or Task(sentence, "", find_date(text))
    return _offer(sentence, dialogue) if cues.SUGGESTED_DUTY.search(text) else None


def _find_promise(sentence: Sentence) -> Task | None:
    text = sentence.text
    due_date = find_date(text)
    promise = cues.PROMISE.search(text) or (cues.DATED_PROMISE.search(text) if due_date else None)
    if not promise or any(cue.search(text[: promise.start()]) for cue in (cues.CONDITION, cues.ASKED_HOW)):
        return None
    return Task(sentence, "" if cues.TOGETHER.match(promise[0]) else sentence.line.speaker, due_date)


def _ask(sentence: Sentence, dialogue: Dialogue, addressed: str) -> Task | None:
    """Return the task of whoever was addressed or accepted; where that one refused, of whoever else takes it on."""
    if is_refused(sentence, dialogue, addressed):
        return _offer(sentence, dialogue)
    meant = _find_meant(sentence, dialogue) if cues.POINTING.search(sentence.text) else sentence
    return _accept(meant, find_acceptance(sentence, dialogue, addressed), addressed)


def _find_meant(sentence: Sentence, dialogue: Dialogue) -> Sentence:
    """Return the duty, said a moment ago, to which "can you take care of that" points."""
    for before in dialogue.find_before(sentence):
        if before.terms and (cues.is_duty(before.text) or cues.SUGGESTED_DUTY.search(before.text)):
            return before
    return sentence


def _ask_weakly(sentence: Sentence, dialogue: Dialogue, addressed: str) -> Task | None:
    """Return the task only where "you" is somebody: one who is named, or who is willing."""
    if cues.CONDITION.search(sentence.text):
        return None
    task = _ask(sentence, dialogue, addressed)
    willing = task and any(cues.WILLINGNESS.match(s.text) or cues.OFFER.match(s.text) for s in task.replies)
    return task if addressed or willing else None


def _offer(sentence: Sentence, dialogue: Dialogue) -> Task | None:
    offer = find_offer(sentence, dialogue)
    return _accept(sentence, offer, "") if offer else None


def _accept(sentence: Sentence, replies: list[Sentence], addressed: str) -> Task:
    receipt = choose_receipt(replies)
    assignee = receipt.line.speaker if receipt else addressed
    due_date = find_date(sentence.text) or (find_date(receipt.text) if receipt else "")
    return Task(sentence, assignee, due_date, tuple(replies))


def _repeats(task: Task, other: Task) -> bool:
    """Tell whether the same person promises by the same day what the other task says already."""
    same = "" not in (task.assignee, task.due_date) and task.assignee == other.assignee
    return same and task.due_date == other.due_date and set(task.sentence.terms) <= set(other.sentence.terms)
