// Keeps an open page true: takes over what changes, and says so when it cannot know any more. Works without it, too.
"use strict";
(() => {
  const base = document.documentElement.dataset.base || "";
  const warn = document.getElementById("stale");
  const live = document.getElementById("live");
  const LATE = 15000;
  let worryAt = 0;

  function stale(is) {
    if (warn && warn.hidden === is) { warn.hidden = !is; }
    document.body.classList.toggle("stale", is);
  }

  // A hub that is frozen takes the connection and never answers.
  function ask(address) {
    const ends = new AbortController();
    setTimeout(() => ends.abort(), LATE - 1000);
    return fetch(address, { cache: "no-store", signal: ends.signal });
  }

  async function beat() {
    try {
      const answer = await ask(base + "/feeds/heartbeat.json");
      if (!answer.ok) { throw new Error(answer.status); }
      const told = await answer.json();
      const hub = Date.parse(answer.headers.get("Date")) || Date.now();
      worryAt = performance.now() + (Date.parse(told.next_update_by) - hub);
      if ([...document.querySelectorAll(".until")].some((one) => Date.parse(one.dateTime) < hub)) { renew(); }
    } catch (_) {
      worryAt = Math.min(worryAt, performance.now() + 2 * LATE);
    }
    stale(performance.now() > worryAt);
  }

  async function renew() {
    try {
      const answer = await ask(location.href);
      const text = await answer.text();
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const main = fresh.getElementById("main");
      if (!main) { location.reload(); return; }
      document.title = fresh.title;
      document.getElementById("main").replaceWith(document.adoptNode(main));
      const picture = document.querySelector("img.map");
      if (picture) { picture.src = picture.src.split("?")[0] + "?" + Date.now(); }
      if (live) { live.textContent = live.dataset.changed; }
    } catch (_) { stale(true); }
  }

  beat();
  setInterval(beat, LATE);
  if ("EventSource" in window && document.getElementById("main").dataset.live) {
    const stream = new EventSource("/events/public?path=" + encodeURIComponent(base + "/feeds/warnings.json"));
    stream.addEventListener("page", renew);
    stream.addEventListener("resync", renew);
    stream.addEventListener("open", beat);
  }
})();
