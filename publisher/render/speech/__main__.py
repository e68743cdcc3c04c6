"""A speaker of its own: one order as JSON on standard input, the files as JSON (base64) on standard output.

The native library and minutes of samples stay out of the hub's process, and their work behind everybody else's.
"""

import base64
import json
import os
import sys

from publisher.render.speech import audio


def main() -> None:
    """`{derived, script, header}` in; `{seconds, files: {wav, mp3, ogg}}` out."""
    os.nice(10)
    order = json.loads(sys.stdin.buffer.read())
    sound = audio.recorded(order["derived"], order["script"], order["header"])
    files = {form: base64.b64encode(audio.encoded(sound, form)).decode() for form in audio.FORMATS}
    json.dump({"seconds": round(sound.seconds, 1), "files": files}, sys.stdout)


if __name__ == "__main__":
    main()
