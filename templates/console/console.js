// Ticks the clocks, says when the hub is out of reach, and looks again when something changed. The pages work without it.
"use strict";
(() => {
  const main = document.getElementById("main");
  const clock = document.querySelector("[data-clock]");
  const offset = clock ? Number(clock.dataset.clock) * 1000 - Date.now() : 0;
  const now = () => Math.floor((Date.now() + offset) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const span = (s) => {
    const hours = Math.floor(s / 3600);
    const rest = two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
    return hours ? hours + ":" + rest : rest;
  };
  const tick = () => {
    for (const one of document.querySelectorAll("time.tick")) {
      const from = one.dataset.since ? now() - Number(one.dataset.since) : Number(one.dataset.until) - now();
      if (from >= 0 && from < 86400) one.textContent = span(from);
      one.classList.toggle("soon", Boolean(one.dataset.until) && from < 300);
      one.classList.toggle("over", Boolean(one.dataset.limit) && from > Number(one.dataset.limit));
    }
    for (const one of document.querySelectorAll("[data-clock]")) {
      const shape = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: one.dataset.zone };
      one.textContent = new Intl.DateTimeFormat("en-GB", shape).format(Date.now() + offset);
    }
  };
  // Sound: a browser is mute until somebody has touched the page, so the desk says whether it can be heard.
  const bell = document.querySelector("[data-sound]");
  let air = null;
  const heard = new Set(JSON.parse(sessionStorage.getItem("tocsin-heard") || "[]"));
  const armed = () => Boolean(air) && air.state === "running";
  const strike = () => {
    for (const [at, pitch] of [[0, 880], [0.35, 660], [0.7, 880]]) {
      const tone = air.createOscillator();
      const gain = air.createGain();
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.4, air.currentTime + at);
      gain.gain.exponentialRampToValueAtTime(0.001, air.currentTime + at + 0.3);
      tone.connect(gain).connect(air.destination);
      tone.start(air.currentTime + at);
      tone.stop(air.currentTime + at + 0.32);
    }
  };
  const rings = () => {
    const held = document.querySelector("[data-rings]");
    return held ? held.dataset.rings.split(" ").filter(Boolean) : [];
  };
  const sound = () => {
    if (!bell) return;
    const fresh = rings().filter((one) => !heard.has(one));
    const state = armed() ? (fresh.length ? "loud" : "on") : "off";
    if (bell.dataset.state !== state) {
      bell.dataset.state = state;
      bell.textContent = bell.dataset[state];
    }
    if (state === "loud") strike();
  };
  if (bell) {
    bell.addEventListener("click", async () => {
      if (armed()) {
        for (const one of rings()) heard.add(one);
        sessionStorage.setItem("tocsin-heard", JSON.stringify([...heard]));
      } else {
        air = air || new AudioContext();
        await air.resume();
        strike();
      }
      sound();
    });
    setInterval(sound, 3000);
    sound();
  }
  const lost = document.getElementById("lost");
  const away = (is) => {
    if (!lost || lost.hidden === !is) return;
    lost.hidden = !is;
    main.classList.toggle("away", is);
    if (is) document.getElementById("lost-at").textContent = clock ? clock.textContent : "";
  };
  const touched = () => [...document.querySelectorAll("main input:not([type=hidden]), main textarea")]
    .some((one) => one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
  document.addEventListener("htmx:sendError", () => away(true));
  document.addEventListener("htmx:timeout", () => away(true));
  document.addEventListener("htmx:afterOnLoad", (event) => away(event.detail.xhr.status >= 500));
  addEventListener("offline", () => away(true));
  // Acts of the hub as they happen: parts of the page that asked for it look again, at most twice a second.
  if (document.body.dataset.events && document.querySelector("[hx-trigger*='tocsin:act']")) {
    const events = new EventSource(document.body.dataset.events);
    let soon = 0;
    const look = () => { soon = 0; document.body.dispatchEvent(new CustomEvent("tocsin:act")); };
    events.addEventListener("act", () => { soon = soon || setTimeout(look, 500); });
    events.addEventListener("open", () => away(false));
    events.addEventListener("error", look);
    addEventListener("pagehide", () => events.close());
  }
  // What an officer types or has opened outlives a part's renewal; a field left alone for a minute holds nothing up.
  let typed = 0;
  let opened = new Set();
  const key = (one) => one.querySelector("summary").textContent + (one.closest("[id]") || main).id;
  document.addEventListener("input", () => { typed = Date.now(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const at = document.activeElement;
    if (part.contains(at) && at.matches("input, textarea, select") && Date.now() - typed < 60000) event.detail.shouldSwap = false;
    else opened = new Set([...part.querySelectorAll("details[open]")].map(key));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const one of document.querySelectorAll("details:not([open])")) if (opened.has(key(one))) one.open = true;
    opened = new Set();
    tick();
    sound();
    if (document.querySelector("[data-reload]") && !touched()) location.reload();
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  // A form that is on its way is not kept again as something typed and not saved.
  const sent = new WeakSet();
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (sent.has(event.detail.elt.closest("form"))) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    sent.add(event.target);
    const button = event.target.querySelector("button:not([type=button])");
    if (button) setTimeout(() => { button.disabled = true; }, 0);
  });
  // What is typed stays in this tab until the hub has kept it: the last word before a session ends, or a line is cut.
  const me = document.body.dataset.me;
  const keeper = document.querySelector("[hx-post^='/console/jots/']");
  const paper = keeper && keeper.closest("form");
  const shelf = "tocsin-typed " + me + " ";
  const here = shelf + location.pathname;
  const secret = ["csrf", "once", "proof", "proof_passkey"];
  const lay = (sent) => {
    const fields = [...new FormData(paper)].filter(([name, value]) => typeof value === "string" && !secret.includes(name));
    sessionStorage.setItem(here, JSON.stringify({ sent, fields }));
  };
  const set = (one, values) => {
    if (one.matches("[type=checkbox], [type=radio]")) one.checked = values.includes(one.value);
    else if (values.length && (one.type !== "hidden" || /shape$|^revision$/.test(one.name))) one.value = values.shift();
  };
  const restore = (fields) => {
    const left = new Map();
    for (const [name, value] of fields) left.set(name, [...(left.get(name) || []), value]);
    for (const one of paper.elements) if (one.name && !secret.includes(one.name)) set(one, left.get(one.name) || []);
    // Places that the page loads only when they are opened.
    for (const [name, value] of fields) {
      if (!name.endsWith(".area") || [...paper.elements].some((one) => one.name === name && one.value === value)) continue;
      const place = document.createElement("input");
      Object.assign(place, { type: "hidden", name, value });
      paper.append(place);
    }
  };
  for (const one of me ? Object.keys(sessionStorage).filter((key) => key.startsWith(shelf) && key !== here) : []) {
    if (JSON.parse(sessionStorage.getItem(one)).sent) sessionStorage.removeItem(one);
  }
  if (paper && me) {
    let strokes = 0;
    let carried = 0;
    const touch = () => { strokes += 1; lay(false); };
    paper.addEventListener("input", touch);
    paper.addEventListener("change", touch);
    paper.addEventListener("submit", () => lay(true));
    keeper.addEventListener("htmx:beforeRequest", () => { carried = strokes; });
    keeper.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.xhr.status === 200 && carried === strokes) sessionStorage.removeItem(here);
    });
    const left = sessionStorage.getItem(here);
    if (left) {
      restore(JSON.parse(left).fields);
      setTimeout(() => paper.dispatchEvent(new Event("change", { bubbles: true })), 0);
    }
  }
  // Passkeys: the hub's questions and the browser's answers are JSON; binary parts are base64url.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const asked = async (address) => {
    const options = await (await fetch(address, { credentials: "same-origin" })).json();
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const one of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) one.id = bytes(one.id);
    return options;
  };
  const answered = (one) => {
    const reply = one.response;
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const response = Object.fromEntries(parts.filter((name) => reply[name]).map((name) => [name, text64(reply[name])]));
    return JSON.stringify({ id: one.id, rawId: text64(one.rawId), type: one.type, response });
  };
  if (window.PublicKeyCredential) {
    for (const form of document.querySelectorAll("[data-make-passkey]")) {
      form.hidden = false;
      form.addEventListener("submit", async (event) => {
        if (form.elements.answer.value) return;
        event.preventDefault();
        const publicKey = await asked(form.dataset.makePasskey);
        form.elements.answer.value = answered(await navigator.credentials.create({ publicKey }));
        form.submit();
      });
    }
    for (const button of document.querySelectorAll("[data-use-passkey]")) {
      const form = button.form;
      if (!form || !form.dataset.passkey) continue;
      button.hidden = false;
      button.addEventListener("click", async () => {
        const publicKey = await asked(form.dataset.passkey);
        form.elements.proof_passkey.value = answered(await navigator.credentials.get({ publicKey }));
        for (const one of form.querySelectorAll("input[name=proof], input[name=code]")) one.required = false;
        form.requestSubmit(form.querySelector("button:not([type=button])") || undefined);
      });
    }
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  const refusal = document.getElementById("refusal");
  if (refusal) refusal.focus();
  tick();
  setInterval(tick, 1000);
})();
