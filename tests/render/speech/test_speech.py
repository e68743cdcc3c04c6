"""Is every figure said as an announcer would, and is what is spoken sound, level and decodable?"""

import io
import re
from array import array
from datetime import UTC, datetime, timedelta

import numpy
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.render.speech import audio, en, numbers_en, numbers_zh, same, voice, zh
from tests.render.speech.cases_en import CASES as ENGLISH
from tests.render.speech.cases_zh import CASES as CHINESE

SCRIPT = "下面播报预警信息。\n气象台2026年7月21日16:18发布暴雨橙色预警，未来6小时雨量50毫米以上。"
ISSUED = datetime(2026, 7, 21, 8, 18, tzinfo=UTC)


@pytest.mark.parametrize(("written", "said"), CHINESE)
def test_chinese_figures(written: str, said: str) -> None:
    assert zh.expanded(written) == said


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english_figures(written: str, said: str) -> None:
    assert en.expanded(written) == said


def chinese_value(said: str) -> int:
    """What a cardinal means, by the way it is built: an independent reading."""
    total = group = digit = 0
    for one in said.replace("两", "二"):
        if one in numbers_zh.DIGITS:
            digit = numbers_zh.DIGITS.index(one)
        elif one in "十百千":
            group += max(digit, 1) * 10 ** ("十百千".index(one) + 1)
            digit = 0
        else:
            total = (total + group + digit) * 10_000 if one == "万" else (total + group + digit) * 100_000_000
            group = digit = 0
    return total + group + digit


@settings(max_examples=300)
@given(st.integers(0, 99_999_999))
def test_a_chinese_cardinal_means_what_was_written(value: int) -> None:
    said = numbers_zh.cardinal(str(value))
    assert chinese_value(said) == value
    assert "零零" not in said and not (said.endswith("零") and value)


@settings(max_examples=300)
@given(st.integers(0, 10**12))
def test_an_english_cardinal_means_what_was_written(value: int) -> None:
    large = {"thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    small = {numbers_en.cardinal(n): n for n in (*range(20), *range(20, 100, 10))}
    total = group = 0
    for word in re.split(r"[ -]", numbers_en.cardinal(value).replace(" and ", " ")):
        if word == "hundred":
            group *= 100
        elif word in large:
            total, group = total + group * large[word], 0
        else:
            group += small[word]
    assert total + group == value


def test_every_minute_of_the_day_is_said_without_a_figure_and_apart_from_all_others() -> None:
    minutes = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    for expanded in (zh.expanded, en.expanded):
        said = [expanded(one) for one in minutes]
        assert len(set(said)) == 1440
        assert not any(re.search(r"[\d:]", one) for one in said)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_text_breaks_it_and_no_figure_is_left(text: str) -> None:
    for expanded in (zh.expanded, en.expanded):
        assert not re.search(r"[0-9]", expanded(text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_script_is_spoken_level_and_for_about_as_long_as_it_is_read(language: str) -> None:
    script = SCRIPT if language == "zh" else "This is a public warning. More than 60 mm of rain is expected in 3 hours."
    sound = audio.recorded(audio.parameters(language), script)
    assert max(map(abs, sound.samples)) in (audio.PEAK, audio.PEAK - 1)
    loud = numpy.frombuffer(sound.samples.tobytes(), "<i2").astype(float)
    assert 800 < numpy.sqrt((loud**2).mean()) < 12_000
    assert 0.5 < sound.seconds / audio.reading_seconds(script, language) < 2


@pytest.mark.parametrize("form", list(audio.FORMATS))
def test_each_file_decodes_to_the_same_length_and_does_not_clip(form: str) -> None:
    sound = audio.recorded(audio.parameters("zh"), SCRIPT)
    samples, rate = soundfile.read(io.BytesIO(audio.encoded(sound, form)))
    assert rate == sound.rate
    assert abs(len(samples) / rate - sound.seconds) < 0.15
    assert 0.5 < abs(samples).max() < 0.99


@pytest.mark.parametrize("form", audio.FORMATS)
def test_a_long_script_has_its_file_as_a_short_one_does(form: str) -> None:
    """Three minutes written in one piece overran the Vorbis encoder's stack and ended the process."""
    long = audio.Sound(same.silence(180, 22050), 22050)
    decoded = soundfile.info(io.BytesIO(audio.encoded(long, form)))
    assert abs(decoded.duration - long.seconds) < 0.2


def test_another_renderer_or_voice_than_was_approved_is_refused() -> None:
    derived = audio.parameters("zh").replace(audio.RENDERER, "speech/0")
    with pytest.raises(ValueError, match="plan it again"):
        audio.recorded(derived, SCRIPT)
    with pytest.raises(voice.NoVoice, match="no voice"):
        voice.spoken("x", "xx-nowhere")


@pytest.mark.parametrize(
    ("lasts", "purge"),
    [(1, "0015"), (15, "0015"), (16, "0030"), (60, "0100"), (61, "0130"), (360, "0600"), (361, "0700"), (9999, "9900")],
)
def test_a_header_lasts_in_the_steps_it_may(lasts: int, purge: str) -> None:
    made = same.Header("CIV", "FRW", ("031015", "031016"), ISSUED, timedelta(minutes=lasts), "PUDONG")
    assert made.text() == f"ZCZC-CIV-FRW-031015-031016+{purge}-2020818-PUDONG  -"


@pytest.mark.parametrize(
    "bad", [{"event": "fire"}, {"places": ("31",)}, {"sender": "TOO LONG A NAME"}, {"originator": ""}]
)
def test_what_is_no_header_is_refused(bad: dict[str, object]) -> None:
    good = {"originator": "CIV", "event": "FRW", "places": ("031015",), "sender": "PUDONG"}
    with pytest.raises(ValueError, match="not a SAME header"):
        same.Header(issued=ISSUED, lasts=timedelta(hours=1), **{**good, **bad}).text()  # type: ignore[arg-type]


def test_tones_keep_their_time_and_level() -> None:
    made = same.message(same.END, 22_050)
    bits = (16 + 4) * 8
    assert abs(len(made) / 22_050 - 3 * (bits / same.BAUD + 1)) < 0.01
    assert max(made) <= same.LOUD
    assert len(same.attention(8, 22_050)) == 8 * 22_050
    assert same.silence(1.0, 100) == array("h", bytes(200))
