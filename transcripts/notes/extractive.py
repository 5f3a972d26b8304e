"""Notes made of sentences that were said, and of nothing else; no model and no network is needed."""

from collections import Counter
from collections.abc import Iterable, Sequence

from transcripts.notes import cues
from transcripts.notes.chapters import split_chapters
from transcripts.notes.decisions import find_decisions
from transcripts.notes.dialogue import Dialogue, is_question
from transcripts.notes.people import People
from transcripts.notes.phrases import find_keywords, find_phrases
from transcripts.notes.questions import Question, find_questions
from transcripts.notes.ranking import choose, score_sentences, weigh_terms
from transcripts.notes.sentences import Sentence, split_lines
from transcripts.notes.task_cues import is_momentary, is_requested
from transcripts.notes.tasks import find_tasks
from transcripts.notes.types import (
    Action,
    Chapter,
    NotesFields,
    Participant,
    QuestionAndAnswer,
    Source,
    SpokenLine,
    WrittenNotes,
)

UNTITLED = "Meeting"
UNASSIGNED = "Unassigned"
NO_DUE_DATE = "No due date"
NOT_SPECIFIED = "Not specified"

FEWEST_SUMMARY_SENTENCES, MOST_SUMMARY_SENTENCES = 3, 7
SUMMARY_WORDS = 130
# A short meeting gets this share of its words as summary, yet no fewer than these.
SUMMARY_SHARE = 0.15
FEWEST_SUMMARY_WORDS = 45
SUMMARY_PARTS = 2
FEWEST_HIGHLIGHTS, MOST_HIGHLIGHTS = 3, 6
HIGHLIGHT_WORDS = 180
FEWEST_BULLETS, MOST_BULLETS = 2, 4
BULLET_WORDS = 90
# Roughly one highlight or bullet for so many sentences.
SENTENCES_PER_ITEM = 5
# Below this many words a sentence says too little to stand alone.
FEWEST_WORDS = 4
QUESTIONS = 12
OPEN_POINTS = 6
TITLE_PHRASES = 2
TITLE_WORDS = 6
TOPICS = 5
KEYWORDS = 10

QUESTION_BONUS = 0.6
PURPOSE_BONUS = 1.5
DECISION_BONUS = 4.0
# Highlights are what came out of the meeting, and rather not the summary once more.
DECISION_HIGHLIGHT, COMMITMENT_HIGHLIGHT, FACT_HIGHLIGHT = 3.0, 2.0, 2.0
SUMMARY_HIGHLIGHT, REQUEST_HIGHLIGHT = 0.5, 0.3


class ExtractiveNotes:
    name = "extractive"

    def write(self, lines: Sequence[SpokenLine], *, title: str, participants: Sequence[str]) -> WrittenNotes:
        """Write the notes of a meeting from its lines; the same lines always give the same notes."""
        draft = Draft(sorted(lines, key=lambda line: line.start_ms), participants)
        questions = draft.choose_questions()
        notes = NotesFields(
            title=title.strip() or draft.name_subject(draft.sentences) or UNTITLED,
            summary=draft.cite("/summary", draft.summary),
            highlights=draft.cite_each("/highlights", draft.choose_highlights()),
            chapters=draft.write_chapters(),
            decisions=draft.write_decisions(),
            actions=draft.write_actions(),
            qna=draft.write_questions(questions),
            participants=[Participant(name=name, role=NOT_SPECIFIED) for name in draft.list_participants(participants)],
            topics=[capitalise(phrase) for phrase in draft.find_phrases(draft.sentences, TOPICS)],
            keywords=find_keywords(draft.sentences, draft.weights, count=KEYWORDS, left_out=draft.people.words),
            ambiguities=draft.cite_each("/ambiguities", draft.choose_ambiguities(questions)),
        )
        return WrittenNotes(notes=notes, sources=draft.sources, generator=self.name)


class Draft:
    """One meeting on its way from lines to notes: what was found in it, and the receipts gathered so far."""

    def __init__(self, lines: Sequence[SpokenLine], participants: Sequence[str]) -> None:
        self.people = People([*participants, *(line.speaker for line in lines)])
        self.sentences = split_lines(lines, names=self.people.words)
        self.weights = weigh_terms(self.sentences)
        dialogue = Dialogue(self.sentences)
        self.decisions = find_decisions(dialogue)
        self.tasks = find_tasks(dialogue, self.people)
        self.questions = find_questions(dialogue, self.people, [decision.sentence for decision in self.decisions])
        bonuses = {sentence.order: QUESTION_BONUS for sentence in self.sentences if is_question(sentence)}
        bonuses |= {s.order: PURPOSE_BONUS for s in self.sentences if cues.PURPOSE.search(s.text)}
        bonuses |= {decision.sentence.order: DECISION_BONUS for decision in self.decisions}
        self.scores = score_sentences(self.sentences, self.weights, bonuses)
        self.summary = self._choose_summary()
        self.sources: dict[str, list[Source]] = {}

    def cite(self, pointer: str, sentences: Sequence[Sentence], also: Sentence | None = None) -> str:
        """Return the sentences as one text and keep their receipts, with one for what makes them true."""
        if sentences:
            self.sources[pointer] = [sentence.source for sentence in (*sentences, also) if sentence]
        return " ".join(sentence.text for sentence in sentences)

    def cite_each(self, pointer: str, sentences: Iterable[Sentence]) -> list[str]:
        return [self.cite(f"{pointer}/{place}", [sentence]) for place, sentence in enumerate(sentences)]

    def _choose_summary(self) -> list[Sentence]:
        said = sum(len(sentence.words) for sentence in self.sentences)
        words = min(SUMMARY_WORDS, max(FEWEST_SUMMARY_WORDS, int(said * SUMMARY_SHARE)))
        candidates = find_substantial(self.sentences) or self.sentences[:1]
        count = count_items(candidates, FEWEST_SUMMARY_SENTENCES, MOST_SUMMARY_SENTENCES)
        return choose(candidates, self.scores, count=count, words=words, parts=SUMMARY_PARTS)

    def choose_highlights(self) -> list[Sentence]:
        commitments = [task.sentence for task in self.tasks if task.is_commitment]
        facts = [sentence for sentence in self.sentences if cues.AMOUNT.search(sentence.text)]
        scores = dict(self.scores)
        for bonus, sentences in (
            (DECISION_HIGHLIGHT, [decision.sentence for decision in self.decisions]),
            (COMMITMENT_HIGHLIGHT, commitments),
            (FACT_HIGHLIGHT, facts),
            (SUMMARY_HIGHLIGHT, self.summary),
            (REQUEST_HIGHLIGHT, [sentence for sentence in self.sentences if asks(sentence)]),
        ):
            for sentence in sentences:
                scores[sentence.order] *= bonus
        candidates = find_substantial(self.sentences)
        count = count_items(candidates, FEWEST_HIGHLIGHTS, MOST_HIGHLIGHTS)
        chosen = choose(candidates, scores, count=count, words=HIGHLIGHT_WORDS)
        return fill(chosen, self.sentences, scores)

    def write_chapters(self) -> list[Chapter]:
        return [
            self._write_chapter(f"/chapters/{place}", sentences)
            for place, sentences in enumerate(split_chapters(self.sentences))
        ]

    def _write_chapter(self, pointer: str, sentences: Sequence[Sentence]) -> Chapter:
        candidates = find_substantial(sentences)
        count = count_items(candidates, FEWEST_BULLETS, MOST_BULLETS)
        bullets = choose(candidates, self.scores, count=count, words=BULLET_WORDS)
        self.cite(pointer, sentences[:1])
        return Chapter(
            timestamp=format_timestamp(sentences[0].line.start_ms),
            title=self.name_subject(sentences) or " ".join(sentences[0].text.split()[:TITLE_WORDS]),
            bullets=self.cite_each(f"{pointer}/bullets", bullets),
        )

    def write_decisions(self) -> list[str]:
        return [
            self.cite(f"/decisions/{place}", [decision.sentence], also=decision.agreement)
            for place, decision in enumerate(self.decisions)
        ]

    def write_actions(self) -> list[Action]:
        return [
            Action(
                action=self.cite(f"/actions/{place}", [task.sentence], also=task.acceptance),
                assignee=task.assignee or UNASSIGNED,
                due_date=task.due_date or NO_DUE_DATE,
            )
            for place, task in enumerate(self.tasks)
        ]

    def choose_questions(self) -> list[Question]:
        """Return the weightiest questions in their order; of those asked again, the last that was answered."""
        asked = sorted(self.questions, key=lambda question: bool(question.answer))
        different = {question.sentence.words: question for question in asked}.values()
        best = sorted(different, key=lambda question: -self.scores[question.sentence.order])[:QUESTIONS]
        return sorted(best, key=lambda question: question.sentence.order)

    def write_questions(self, questions: Sequence[Question]) -> list[QuestionAndAnswer]:
        return [
            QuestionAndAnswer(
                question=self.cite(f"/qna/{place}/question", [question.sentence]),
                answer=self.cite(f"/qna/{place}/answer", question.answer) or NOT_SPECIFIED,
            )
            for place, question in enumerate(questions)
        ]

    def choose_ambiguities(self, questions: Sequence[Question]) -> list[Sentence]:
        """Return the questions that nobody answered and the points that somebody called open."""
        unanswered = [question.sentence for question in questions if not question.answer]
        points = [sentence for sentence in find_substantial(self.sentences) if cues.OPEN_POINT.search(sentence.text)]
        points = [sentence for sentence in points if not is_question(sentence)]
        points.sort(key=lambda sentence: -self.scores[sentence.order])
        return sorted([*unanswered, *points[:OPEN_POINTS]], key=lambda sentence: sentence.order)

    def list_participants(self, participants: Sequence[str]) -> list[str]:
        """Return the names as given, where two people may have one name, and then of whoever else spoke."""
        given = [name for name in participants if name.strip()]
        return [*given, *(name for name in self.people.names if name not in given)]

    def find_phrases(self, sentences: Sequence[Sentence], count: int) -> list[str]:
        """Return key phrases of some sentences, of what is peculiar to them rather than what is said all the time."""
        counts = Counter(term for sentence in sentences for term in sentence.terms)
        weights = {term: self.weights[term] ** 0.5 * count for term, count in counts.items()}
        return find_phrases(sentences, weights, count=count, left_out=self.people.words)

    def name_subject(self, sentences: Sequence[Sentence]) -> str:
        return capitalise(", ".join(self.find_phrases(sentences, TITLE_PHRASES)))


def find_substantial(sentences: Sequence[Sentence]) -> list[Sentence]:
    return [sentence for sentence in sentences if len(sentence.words) >= FEWEST_WORDS and sentence.terms]


def asks(sentence: Sentence) -> bool:
    return is_question(sentence) or is_requested(sentence.text) or is_momentary(sentence.text)


def fill(chosen: list[Sentence], sentences: Sequence[Sentence], scores: dict[int, float]) -> list[Sentence]:
    """Add the next best sentences up to the fewest highlights, if so many different ones were said at all."""
    filled = list(chosen)
    for sentence in sorted(sentences, key=lambda sentence: (-scores[sentence.order], sentence.order)):
        if len(filled) >= FEWEST_HIGHLIGHTS:
            break
        if not sentence.is_back_channel and sentence.words not in [other.words for other in filled]:
            filled.append(sentence)
    return sorted(filled, key=lambda sentence: sentence.order)


def count_items(sentences: Sequence[Sentence], fewest: int, most: int) -> int:
    return min(most, max(fewest, len(sentences) // SENTENCES_PER_ITEM))


def format_timestamp(milliseconds: int) -> str:
    """Write minutes and seconds; hours are minutes too, so that three digits follow 99:59."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes:02}:{seconds:02}"


def capitalise(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
