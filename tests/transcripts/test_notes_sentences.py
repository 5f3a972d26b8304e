import pytest

from tests.transcripts.notes_dialogues import spoken, texts
from transcripts.notes.phrases import find_keywords, find_phrases
from transcripts.notes.sentences import split_lines
from transcripts.notes.types import SpokenLine
from transcripts.notes.words import find_term, find_words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The roof leaks. Who mends it?  Ben does!", ["The roof leaks.", "Who mends it?", "Ben does!"]),
        ("the roof leaks and ben mends it", ["the roof leaks and ben mends it"]),
        (
            "Dr. Weiss and J. Smith pay 3.50 euros, e.g. today. Good.",
            ["Dr. Weiss and J. Smith pay 3.50 euros, e.g. today.", "Good."],
        ),
        ("No. We stay.", ["No.", "We stay."]),
        ('He said "stop." Then he left…  Really?!', ['He said "stop."', "Then he left…", "Really?!"]),
        ("屋顶漏水。谁修？", ["屋顶漏水。", "谁修？"]),
        ("one\ntwo\r\n\n three ", ["one", "two", "three"]),
        ("Это т.е. смета. Готово.", ["Это т.е. смета.", "Готово."]),
        (" ... ?! ", []),
        ("", []),
    ],
)
def test_line_is_split_into_slices(text, sentences):
    assert texts(split_lines([SpokenLine("a", "Ann", 0, 1, text)])) == sentences


def test_sentence_knows_its_place():
    lines = spoken("Ann: Yes. The roof leaks.\nBen: Really?")

    sentences = split_lines(lines)

    assert [(sentence.order, sentence.line_index, sentence.line.id) for sentence in sentences] == [
        (0, 0, "L0"),
        (1, 0, "L0"),
        (2, 1, "L1"),
    ]
    assert [sentence.is_back_channel for sentence in sentences] == [True, False, False]
    assert sentences[1].words == ("the", "roof", "leaks")
    assert sentences[1].terms == ("roof", "leak")


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("prices", "pric"),
        ("pricing", "pric"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("bees", "bees"),
        ("ann's", "ann"),
        ("смету", "смет"),
        ("сметы", "смет"),
        ("мир", "мир"),
        ("рая", "рая"),
        ("the", ""),
        ("что", ""),
        ("42nd", ""),
        ("1000", ""),
        ("ab", ""),
    ],
)
def test_term_is_a_stem_or_nothing(word, term):
    assert find_term(word) == term


def test_words_keep_apostrophes_and_hyphens():
    assert find_words("Don’t e-mail O'Neil_2, ÄRGER!") == ["don't", "e-mail", "o'neil", "2", "ärger"]


def test_phrases_come_back_and_share_no_word():
    sentences = split_lines(
        spoken("Ann: The payment provider failed.\nBen: Another payment provider, Ann's roof, roof tiles.")
    )
    weights = {term: 1.0 for sentence in sentences for term in sentence.terms}

    phrases = find_phrases(sentences, weights, count=2, left_out={"ann", "ann's"})

    assert phrases == ["payment provider", "roof"]


def test_keywords_are_spelt_as_said_most_often():
    sentences = split_lines(spoken("Ann: Providers and a provider.\nBen: The provider's roof, Ben."))
    weights = {term: 1.0 for sentence in sentences for term in sentence.terms}

    assert find_keywords(sentences, weights, count=2, left_out={"ben"}) == ["provider", "roof"]


def test_names_of_people_are_no_terms():
    [sentence] = split_lines(spoken("Ann: Hello Ben, the roof leaks."), names={"ben"})

    assert sentence.terms == ("roof", "leak")
