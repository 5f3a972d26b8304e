from tests.transcripts.notes_dialogues import spoken
from transcripts.notes.chapters import split_chapters
from transcripts.notes.ranking import choose, score_sentences, weigh_terms
from transcripts.notes.sentences import split_lines
from transcripts.notes.types import SpokenLine

ROOF = "The roof tiles and the gutter need paint from the painter."
GARDEN = "The garden hedge and the lawn want water from the gardener."


def chapters_of(*parts, ms_per_line=10_000):
    script = "\n".join(f"Ann: {text}" for part in parts for text in part)
    chapters = split_chapters(split_lines(spoken(script, ms_per_line=ms_per_line)))
    return [chapter[0].line.id for chapter in chapters]


def test_no_sentences_have_no_chapters():
    assert split_chapters([]) == []


def test_chapter_begins_where_a_new_subject_is_announced():
    assert chapters_of([ROOF] * 20, ["The next topic is the garden."], [GARDEN] * 20) == ["L0", "L20"]


def test_subject_that_changes_unannounced_begins_no_chapter():
    assert chapters_of([ROOF] * 20, [GARDEN] * 20) == ["L0"]


def test_subject_that_is_announced_but_stays_begins_no_chapter():
    assert chapters_of([ROOF] * 20, [f"Next topic. {ROOF}"], [ROOF] * 20) == ["L0"]


def test_short_meeting_is_one_chapter():
    announced = ["The next topic is the garden."]

    assert chapters_of([ROOF] * 10, announced, [GARDEN] * 10) == ["L0"]
    assert chapters_of([ROOF] * 20, announced, [GARDEN] * 20, ms_per_line=4_000) == ["L0"]


def test_long_silence_announces_a_chapter():
    lines = [
        SpokenLine(f"L{place}", "Ann", place * 10_000 + 6_000 * (place >= 20), place * 10_000 + 9_500, text)
        for place, text in enumerate([ROOF] * 20 + [GARDEN] * 20)
    ]

    assert [chapter[0].line.id for chapter in split_chapters(split_lines(lines))] == ["L0", "L20"]


def test_chapters_are_neither_short_nor_many():
    subjects = [[f"The next topic is subject{place}."] + [f"Subject{place} word{place}."] * 30 for place in range(12)]
    stutter = [*subjects[0], *subjects[1][:3], *subjects[2]]

    assert len(chapters_of(*subjects, ms_per_line=10_000)) == 8
    assert len(chapters_of(stutter, ms_per_line=10_000)) == 2


def test_meeting_without_terms_is_one_chapter():
    assert chapters_of(["So it is."] * 40) == ["L0"]


def test_term_spread_over_the_meeting_outweighs_a_burst():
    sentences = split_lines(
        spoken("\n".join(["Ann: Roof.", "Ann: Lawn lawn lawn lawn."] + ["Ann: So.", "Ann: Roof."] * 9))
    )

    weights = weigh_terms(sentences)

    assert weights == {"roof": 10.0, "lawn": 1.0}


def test_choice_has_the_best_of_each_part_and_no_repetition():
    sentences = split_lines(
        spoken(
            "Ann: Alpha beta gamma.\nAnn: Alpha beta gamma delta.\nAnn: Epsilon zeta.\nAnn: So it is.\nAnn: So it is."
        )
    )
    scores = {0: 9.0, 1: 8.0, 2: 1.0, 3: 3.0, 4: 2.0}

    def orders(**limits):
        return [sentence.order for sentence in choose(sentences, scores, **limits)]

    assert orders(count=3, words=99) == [0, 2, 3]
    assert orders(count=2, words=99) == [0, 3]
    assert orders(count=2, words=99, parts=5) == [0, 3]
    assert orders(count=2, words=5, parts=2) == [0, 2]
    assert orders(count=5, words=2) == [0]
    assert choose([], scores, count=5, words=5) == []


def test_score_falls_with_endless_sentences_and_rises_at_the_beginning():
    sentences = split_lines(spoken("\n".join([f"Ann: {ROOF}"] * 5 + ["Ann: " + "so the roof " * 30])))

    scores = score_sentences(sentences, weigh_terms(sentences), {1: 2.0})

    assert scores[1] == 2 * scores[0]
    assert scores[0] == 1.5 * scores[4]
    assert scores[5] < scores[4]
