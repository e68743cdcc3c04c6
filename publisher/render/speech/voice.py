"""Who speaks? The espeak-ng library that comes with the `espeakng-loader` wheel: no network, no model, the same every time.

The library keeps its state in globals, so one voice speaks at a time in a process. Latin letters in a Chinese text are
spelt; figures must be spelt out before (`publisher.render.speech.zh`, `.en`).
"""

from __future__ import annotations

import ctypes
import threading
from array import array
from functools import cache

VOICES = {"zh": "cmn", "en": "en"}
"""Our language tags -> its voices; others are asked for by their own tag."""
WORDS_A_MINUTE = {"zh": 200, "en": 155}
"""An announcer's pace: about four characters, or two and a half words, a second."""

_SYNCHRONOUS, _UTF8, _ENDPAUSE, _RATE = 2, 1, 0x1000, 1
_lock = threading.Lock()
_spoken = array("h")
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class NoVoice(RuntimeError):
    """The library is not there, or knows no such voice."""


def _take(samples: ctypes._Pointer[ctypes.c_short], count: int, _: object) -> int:
    if count > 0:
        _spoken.frombytes(ctypes.string_at(samples, 2 * count))
    return 0


_callback = _Callback(_take)


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """The library and its samples a second. Raises NoVoice."""
    try:
        import espeakng_loader

        found = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path()
    except (ImportError, OSError) as error:
        raise NoVoice("espeak-ng cannot be loaded: install espeakng-loader") from error
    rate = int(found.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), 0x8000))
    if rate <= 0:
        raise NoVoice(f"espeak-ng found no data at {data}")
    found.espeak_SetSynthCallback(_callback)
    return found, rate


def version() -> str:
    """What speaks, for the record of what an audio file was made with."""
    library, _ = _library()
    library.espeak_Info.restype = ctypes.c_char_p
    return f"espeak-ng {library.espeak_Info(None).decode().split()[0]}"


def spoken(text: str, language: str) -> tuple[array[int], int]:
    """(16-bit mono samples, samples a second) of `text`, whose figures are spelt out. Raises NoVoice."""
    library, rate = _library()
    main = language.partition("-")[0]
    with _lock:
        del _spoken[:]
        if library.espeak_SetVoiceByName(VOICES.get(main, main).encode()) != 0:
            raise NoVoice(f"espeak-ng has no voice for {language!r}")
        library.espeak_SetParameter(_RATE, WORDS_A_MINUTE.get(main, WORDS_A_MINUTE["en"]), 0)
        body = text.encode()
        library.espeak_Synth(body, len(body) + 1, 0, 0, 0, _UTF8 | _ENDPAUSE, None, None)
        return array("h", _spoken), rate
