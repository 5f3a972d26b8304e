"""Dialogues for the tests of the notes, and the check that every sentence of the notes was said."""

import json
import re
from pathlib import Path

from transcripts.notes.dialogue import Dialogue
from transcripts.notes.extractive import ExtractiveNotes
from transcripts.notes.sentences import split_lines
from transcripts.notes.types import SpokenLine

LAUNCH = """
Ann: Good morning, everybody.
Ben: Morning.
Ann: Today we need to plan the launch of the new website.
Cleo: Great, I have looked at the design drafts.
Ann: How far is the design, Cleo?
Cleo: The design is almost finished, only the checkout page is missing.
Ben: The checkout page needs the payment provider first.
Ann: Which payment provider do we use?
Ben: I compared three payment providers, and the second one is the cheapest.
Cleo: Its checkout also works well on phones.
Ann: Okay, let's go with the second payment provider.
Ben: Agreed.
Ann: Ben, can you send me the contract by Friday?
Ben: Sure, I'll send the contract on Thursday.
Cleo: I'll finish the checkout page by the end of next week.
Ann: Thank you.
Ann: When do we launch the website?
Cleo: What about the third of May?
Ben: The third of May works for me.
Ann: So we decided to launch the website on the third of May.
Ben: Who will write the announcement for our customers?
Ann: I don't know yet, we need to ask marketing.
Cleo: Somebody has to test the shop on old phones.
Ben: I can do that.
Ann: How much budget do we have left for testing?
Ben: About two thousand euros.
Ann: I will order four old phones tomorrow.
Cleo: Perfect.
Ann: That's all, the next meeting is on Monday at ten o'clock.
Ben: Bye.
"""
SHOP = """
Анна: Добрый день, коллеги.
Иван: Привет.
Анна: Сегодня нам нужно спланировать открытие нового магазина.
Ольга: Ремонт магазина почти закончен, осталась только вывеска.
Анна: Сколько стоит вывеска?
Иван: Вывеска стоит сорок тысяч рублей.
Ольга: Поставщик вывески обещал скидку на монтаж.
Анна: Когда мы открываем магазин?
Иван: Предлагаю пятнадцатого мая.
Ольга: Согласна.
Анна: Итак, решили открыть магазин пятнадцатого мая.
Анна: Иван, подготовь, пожалуйста, смету до пятницы.
Иван: Хорошо, сделаю.
Ольга: Я отправлю договор поставщику завтра.
Иван: Кто напишет объявление для покупателей?
Анна: Пока не знаю, надо уточнить у маркетинга.
Анна: Кому-то надо проверить кассу до открытия.
Ольга: Всё, спасибо, до свидания.
"""
DEMO_SCRIPT = Path(__file__).parents[2] / "recordings" / "demo" / "script.json"


def read_demo():
    """Return the script of the demo meeting in the form of the scripts above."""
    return "\n".join(f"{line['speaker']}: {line['text']}" for line in json.loads(DEMO_SCRIPT.read_text())["lines"])


def spoken(script, *, ms_per_line=4_000):
    """Return the lines of a script in which each line reads `Name: what was said`."""
    rows = [line.split(": ", 1) for line in script.strip().splitlines()]
    return [
        SpokenLine(f"L{place}", speaker, place * ms_per_line, (place + 1) * ms_per_line - 500, text)
        for place, (speaker, text) in enumerate(rows)
    ]


def recognised(script):
    """Return the script as a speech recogniser writes it: small letters and no punctuation."""
    return [
        SpokenLine(line.id, line.speaker, line.start_ms, line.end_ms, bare(line.text).lower())
        for line in spoken(script)
    ]


def bare(text):
    return re.sub(r"[.,?!]", "", text)


def write(lines, *, title="", participants=()):
    return ExtractiveNotes().write(lines, title=title, participants=participants)


def dialogue_of(script):
    return Dialogue(split_lines(spoken(script)))


def texts(sentences):
    return [sentence.text for sentence in sentences]


def list_sentences(notes):
    """Return by JSON pointer every text of the notes that claims to have been said."""
    listed = {"/summary": notes["summary"]} if notes["summary"] else {}
    for field in ("highlights", "decisions", "ambiguities"):
        listed |= {f"/{field}/{place}": text for place, text in enumerate(notes[field])}
    for number, chapter in enumerate(notes["chapters"]):
        listed |= {f"/chapters/{number}/bullets/{place}": text for place, text in enumerate(chapter["bullets"])}
    for place, action in enumerate(notes["actions"]):
        listed[f"/actions/{place}"] = action["action"]
    for place, asked in enumerate(notes["qna"]):
        listed[f"/qna/{place}/question"] = asked["question"]
        if asked["answer"] != "Not specified":
            listed[f"/qna/{place}/answer"] = asked["answer"]
    return listed


def check_receipts(lines, written):
    """Assert that every sentence was said in the lines that it cites, and that nothing is cited for nothing."""
    said = {line.id: line.text for line in lines}
    listed = list_sentences(written.notes)
    chapters = {f"/chapters/{number}" for number in range(len(written.notes["chapters"]))}

    assert set(written.sources) == set(listed) | chapters
    for pointer, sources in written.sources.items():
        assert sources
        assert all(source.quote and source.quote in said[source.line_id] for source in sources)
        if pointer in chapters:
            continue
        whole = " ".join(source.quote for source in sources)
        # A decision or an action cites its own sentence first, then the reply that settled it.
        assert listed[pointer] == (sources[0].quote if pointer.startswith(("/decisions", "/actions")) else whole)
    for place, action in enumerate(written.notes["actions"]):
        quotes = [source.quote for source in written.sources[f"/actions/{place}"]]
        assert action["due_date"] == "No due date" or any(action["due_date"] in quote for quote in quotes)
