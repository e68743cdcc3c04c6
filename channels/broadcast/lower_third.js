// Swaps in a new lower third within seconds of a change, and takes a warning off at its end though nobody answers.
// Without script the page stays as it was fetched.
const every = 3000;
const patience = 10000;
let shown = document.querySelector("ol").outerHTML;
let ahead = 0;

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

setTimeout(follow, every);
setInterval(end, 500);
