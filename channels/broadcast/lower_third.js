// Swaps in a new lower third within seconds of a change. Without script the page stays as it was fetched.
const every = 3000;
let shown = document.querySelector("ol").outerHTML;

async function follow() {
  try {
    const answer = await fetch(location.href, { cache: "no-cache" });
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

setTimeout(follow, every);
