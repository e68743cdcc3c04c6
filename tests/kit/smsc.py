"""What is a message centre that nobody here wrote? npm's `smpp` server; the last digits of a number say what it does.

…0000 throttled, …9999 undeliverable, …3333 expired, …8888 silent, …7777 refused, …6666 the bind is lost, …5555 unbinds, …4444 is
answered late, else delivered. Each submit is a line of JSON.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.authority import Authority
from tests.kit.programs import free_ports, listening, module, running

SCRIPT = """
const smpp = require('smpp'), fs = require('fs'); let n = 0, open = 0;
const [port, cert, key] = process.argv.slice(1);
const safe = cert ? {cert: fs.readFileSync(cert), key: fs.readFileSync(key)} : {};
smpp.createServer({debug: false, ...safe}, s => {
  let over = false;
  s.on('error', () => {});
  const bind = p => {
    const good = p.system_id === 'hub' && p.password === 'secret';
    s.send(p.response({command_status: good ? 0 : smpp.ESME_RINVPASWD}));
    if (!good) s.close();
  };
  s.on('bind_transceiver', bind); s.on('bind_transmitter', bind); s.on('bind_receiver', bind);
  s.on('enquire_link', p => s.send(p.response()));
  s.on('unbind', p => { s.send(p.response()); s.close(); });
  s.on('submit_sm', p => {
    const to = p.destination_addr, text = p.short_message;
    const late = to.endsWith('4444');
    open += late;
    console.log(JSON.stringify({open, to, coding: p.data_coding, esm: p.esm_class, report: p.registered_delivery,
      validity: String(p.validity_period && p.validity_period.toISOString ? p.validity_period.toISOString() : p.validity_period),
      udh: text.udh ? Buffer.concat([].concat(text.udh)).toString('hex') : '', text: text.message}));
    if (to.endsWith('8888')) return;
    if (to.endsWith('0000')) return s.send(p.response({command_status: smpp.ESME_RTHROTTLED}));
    if (to.endsWith('7777')) return s.send(p.response({command_status: smpp.ESME_RINVDSTADR}));
    if (over || to.endsWith('6666')) return s.send(p.response({command_status: smpp.ESME_RINVBNDSTS}));
    const id = (0x5f000000 + ++n).toString(16).toUpperCase();
    const taken = () => { open -= late; s.send(p.response({message_id: id})); };
    if (late) setTimeout(taken, 20); else taken();
    if (to.endsWith('5555')) { over = true; s.unbind(); }
    const stat = {9999: 'UNDELIV', 3333: 'EXPIRED'}[to.slice(-4)] || 'DELIVRD';
    if (p.registered_delivery & 1) setTimeout(() => s.deliver_sm({
      esm_class: 4, source_addr: to, destination_addr: p.source_addr,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611231852 stat:${stat} err:007 text:stat:ODD id:0`,
      receipted_message_id: id, message_state: {DELIVRD: 2, EXPIRED: 3, UNDELIV: 5}[stat]}), 50);
  });
}).listen(Number(port), '127.0.0.1');
"""


@dataclass
class Centre:
    """A running centre."""

    port: int
    log: Path

    @property
    def taken(self) -> list[dict[str, Any]]:
        """Every submit, in order."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.is_file() else []
        return [json.loads(line) for line in lines if line.startswith("{")]


@asynccontextmanager
async def centre(folder: Path, vouched: Authority | None = None) -> AsyncIterator[Centre]:
    """A centre that knows the bind `hub` with the password `secret`; over TLS with the certificate that is `vouched` for."""
    modules = module("smpp").parent
    port = free_ports(1)[0]
    log = folder / "smsc.log"
    safe = (vouched.certificate, vouched.key) if vouched else ()
    async with running("node", "-e", SCRIPT, port, *safe, cwd=modules.parent, log=log):
        await listening(port)
        yield Centre(port, log)
