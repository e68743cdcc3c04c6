"""How does a bulletin become a file to broadcast? Script to samples at an even level, tones around them, three formats."""

from __future__ import annotations

import io
import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publisher.render.speech import en, same, voice, zh

RENDERER = "speech/2"
FORMATS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "wav": ("audio/wav", {"format": "WAV", "subtype": "PCM_16"}),
    "mp3": ("audio/mpeg", {"format": "MP3", "subtype": "MPEG_LAYER_III"}),
    "ogg": ("audio/ogg", {"format": "OGG", "subtype": "VORBIS"}),
}
PEAK = 26_000
"""Loudest sample of a script: 2 dB below the full scale, so that no encoder clips."""
PAUSE_SECONDS = 0.8
ATTENTION_SECONDS = 8.0
CHARACTERS_A_SECOND = 4.5
WORDS_A_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Sound:
    """16-bit mono samples."""

    samples: array[int]
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def parameters(language: str, header: str = "") -> str:
    """What an approval binds beside the script's hash, as JSON: renderer, voice, pace and the header before it."""
    main = language.partition("-")[0]
    pace = voice.WORDS_A_MINUTE.get(main, voice.WORDS_A_MINUTE["en"])
    known = {"renderer": RENDERER, "voice": voice.version(), "language": language, "pace": pace, "same": header}
    return json.dumps(known, sort_keys=True, ensure_ascii=False)


def said(script: str, language: str) -> str:
    """The script as it is spoken: every figure in words."""
    main = language.partition("-")[0]
    return zh.expanded(script) if main == "zh" else en.expanded(script)


def reading_seconds(script: str, language: str) -> int:
    """How long an announcer needs for it."""
    text = said(script, language)
    if language.partition("-")[0] == "zh":
        return round(sum(one.isalnum() for one in text) / CHARACTERS_A_SECOND)
    return round(len(text.split()) / WORDS_A_SECOND)


def recorded(derived: str, script: str, header: str = "") -> Sound:
    """What `derived` promised, made from the filled script.

    `header`: a SAME header to put before it, with attention signal and end of message. Raises ValueError where renderer
    or voice is not the one that was approved, NoVoice where there is none.
    """
    given: Any = json.loads(derived)
    now = (RENDERER, voice.version())
    if (approved := (given["renderer"], given["voice"])) != now:
        raise ValueError(f"approved with {approved}, but this hub speaks with {now}: plan it again")
    samples, rate = voice.spoken(said(script, given["language"]), given["language"])
    body = levelled(samples)
    if not header:
        return Sound(body, rate)
    pause = same.silence(PAUSE_SECONDS, rate)
    before = same.message(header, rate) + same.attention(ATTENTION_SECONDS, rate) + pause
    return Sound(before + body + pause + same.message(same.END, rate), rate)


def levelled(samples: array[int]) -> array[int]:
    """The same sound with its loudest sample at PEAK."""
    loudest = max((abs(one) for one in samples), default=0)
    return array("h", (one * PEAK // loudest for one in samples)) if loudest else samples


def encoded(sound: Sound, form: str) -> bytes:
    """The file. `form`: wav, mp3 or ogg."""
    import numpy
    import soundfile

    _, how = FORMATS[form]
    out = io.BytesIO()
    samples = numpy.frombuffer(sound.samples.tobytes(), "<i2")
    with soundfile.SoundFile(out, "w", sound.rate, 1, **how) as file:
        for start in range(0, len(samples), sound.rate):  # the Vorbis encoder keeps a whole write on its stack
            file.write(samples[start : start + sound.rate])
    return out.getvalue()
