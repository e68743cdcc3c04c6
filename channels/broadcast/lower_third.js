// Swaps in a new lower third within seconds of a change, and takes a warning off at its end though nobody answers.
// What is taller than a third of the picture rolls through it, a line in three seconds, the gravest first.
// Without script the page stays as it was fetched.
const every = 3000;
const patience = 10000;
const pause = 4000;
const frame = 50;
const line = 3000;
let shown = document.querySelector("ol").outerHTML;
let ahead = 0;
let place = 0;
let rest = pause;

function ask() {
  const ends = new AbortController();
  setTimeout(() => ends.abort(), patience);
  return fetch(location.href, { cache: "no-cache", signal: ends.signal });
}

async function follow() {
  try {
    const answer = await ask();
    ahead = (Date.parse(answer.headers.get("Date")) || Date.now()) - Date.now();
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("ol");
      if (fresh && fresh.outerHTML !== shown) {
        shown = fresh.outerHTML;
        document.querySelector("ol").replaceWith(document.adoptNode(fresh));
        stand(0);
      }
    }
  } finally {
    setTimeout(follow, every);
  }
}

function end() {
  for (const one of document.querySelectorAll("li[data-until]")) {
    if (Date.parse(one.dataset.until) <= Date.now() + ahead) { one.remove(); }
  }
}

function stand(at) {
  place = at;
  rest = performance.now() + pause;
}

function roll() {
  const list = document.querySelector("ol");
  const more = list.scrollHeight - list.clientHeight;
  if (performance.now() >= rest && list.firstElementChild) {
    const step = (parseFloat(getComputedStyle(list.firstElementChild).lineHeight) * frame) / line;
    if (place >= more) { stand(0); } else if (place + step >= more) { stand(more); } else { place += step; }
  }
  list.scrollTop = place;
}

setTimeout(follow, every);
setInterval(end, 500);
setInterval(roll, frame);
