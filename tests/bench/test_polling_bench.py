"""How near is a poll of a public page to a static file server's? nginx, the lane and the plain path in one run, by wrk.

Figures of reference: on one core nginx 60,000 a second for 20 kB, 115,000 for a 304.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.kit.programs import ROOT, free_ports, program
from tests.kit.web_process import PATH

pytestmark = pytest.mark.bench

SIZE = 20_297
ROUNDS = 5
SECONDS = 2
FAST = {200: 0.9, 304: 0.65}
PLAIN = 0.33
CLOSING = 0.9

NGINX = """
{user}
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e; open_file_cache max=100; types {{ application/rss+xml rss; }}
  server {{ listen 127.0.0.1:{static}; root {folder}/www; }}
}}
"""


def shipped(folder: Path, front: int, hub: int) -> str:
    """`deploy/nginx.conf` as it is, but for its addresses, its folders, and one worker that stays in sight."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    spare = free_ports(1)[0]
    changed = {
        "worker_processes auto;": f"worker_processes 1; daemon off; {'user root;' if os.geteuid() == 0 else ''}",
        "/run/nginx.pid": f"{folder}/front.pid",
        "/tmp/tocsin-pages": f"{folder}/pages",
        "server web:8080": f"server 127.0.0.1:{hub}",
        "server web:8081": f"server 127.0.0.1:{hub}",
        "server sandbox:8081": f"server 127.0.0.1:{hub}",
        "listen 8080;": f"listen 127.0.0.1:{front};",
        "listen 8443;": f"listen 127.0.0.1:{spare};",
    }
    for old, new in changed.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def pinned(core: int, *command: str, ready: bytes = b"") -> Iterator[None]:
    """A process on one core, until the block ends; `ready`: the line that says it is up."""
    made = subprocess.Popen(
        ["taskset", "-c", str(core), *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert made.stdout is not None
        assert not ready or made.stdout.readline().strip() == ready
        yield
    finally:
        made.terminate()
        made.wait()
        if made.stdout:
            made.stdout.close()


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, int]]:
    """nginx static, nginx as shipped in front of a hub, a hub with the lane and one without; name -> port."""
    static, front, fast, plain = free_ports(4)
    (folder / "www" / "feeds").mkdir(parents=True)
    (folder / "www" / "feeds" / "warnings.rss").write_bytes(b"x" * SIZE)
    (folder / "nginx.conf").write_text(
        NGINX.format(user="user root;" if os.geteuid() == 0 else "", folder=folder, static=static)
    )
    (folder / "front.conf").write_text(shipped(folder, front, plain))
    folder.chmod(0o755)
    with ExitStack() as stack:
        for name, port in (("fast", fast), ("plain", plain)):
            command = (sys.executable, "-m", "tests.kit.web_process", str(port), name, str(SIZE))
            stack.enter_context(pinned(0, *command, ready=b"up"))
        for config in ("nginx.conf", "front.conf"):
            stack.enter_context(pinned(0, program("nginx"), "-c", str(folder / config), "-p", str(folder)))
        yield {"nginx": static, "front": front, "fast": fast, "plain": plain}


def rate(port: int, *headers: str, connections: int = 32) -> float:
    """Answers a second of `PATH`."""
    sent = [part for header in headers for part in ("-H", header)]
    command = ["taskset", "-c", "1", program("wrk"), "-t1", f"-c{connections}", f"-d{SECONDS}s", *sent]
    found = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True, timeout=60
    )
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", found.stdout)
    assert errors is None, found.stdout
    match = re.search(r"Requests/sec:\s*([\d.]+)", found.stdout)
    assert match is not None, found.stdout
    return float(match[1])


def etag(port: int) -> str:
    found = subprocess.run(
        [
            "curl",
            "-s",
            "--retry",
            "20",
            "--retry-connrefused",
            "-D-",
            "-o",
            os.devnull,
            f"http://127.0.0.1:{port}{PATH}",
        ],
        capture_output=True,
        text=True,
    )
    return next(line for line in found.stdout.splitlines() if line.lower().startswith("etag:")).split(": ", 1)[1]


def test_polls_are_answered_nearly_as_fast_as_static_files(tmp_path: Path) -> None:
    with servers(tmp_path) as ports:
        known = {name: f"If-None-Match: {etag(port)}" for name, port in ports.items()}
        found: dict[tuple[str, int], list[float]] = {}
        for _ in range(ROUNDS):
            for name in ("nginx", "fast", "plain"):
                found.setdefault((name, 200), []).append(rate(ports[name]))
                found.setdefault((name, 304), []).append(rate(ports[name], known[name]))
            for name in ("nginx", "front"):
                found.setdefault((name, 0), []).append(rate(ports[name], "Connection: close"))
    told = {key: median(rates) for key, rates in found.items()}
    ratios = {key: told[key] / told["nginx", key[1]] for key in told}
    lines = (
        f"{name:6} {kind}: {told[name, kind]:9.0f}/s  {ratio:.2f}x nginx" for (name, kind), ratio in ratios.items()
    )
    sys.stdout.write("\n".join(lines) + "\n")
    assert ratios["fast", 200] >= FAST[200] and ratios["fast", 304] >= FAST[304]
    assert ratios["plain", 200] >= PLAIN
    assert ratios["front", 0] >= CLOSING
