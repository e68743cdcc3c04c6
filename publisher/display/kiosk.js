// Shows what the verifying process next door says. When that process is gone the page says so: it must not look alive.
const by = (id) => document.getElementById(id);
let now = { kind: "blank", slides: [], sequence: 0 };
let number = 0;
let until = 0;
let heard = Date.now();

function draw(slide) {
  document.body.dataset.kind = now.kind;
  document.documentElement.style.setProperty("--level", slide.colour || "#000");
  document.documentElement.style.setProperty("--ink", slide.ink || "#fff");
  by("glyph").textContent = slide.glyph;
  by("label").textContent = slide.label;
  by("text").textContent = slide.text;
  by("as-of").textContent = slide.as_of;
}

async function look() {
  if (Date.now() - heard > 10000) {
    by("as-of").textContent = "—";
  }
  try {
    const answer = await fetch("/now.json", { cache: "no-store" });
    const fresh = await answer.json();
    heard = Date.now();
    if (JSON.stringify(fresh) !== JSON.stringify(now)) {
      now = fresh;
      number = 0;
      until = 0;
    }
  } catch {
    // said above once it lasts
  }
  if (now.slides.length && Date.now() >= until) {
    const slide = now.slides[number % now.slides.length];
    draw(slide);
    until = Date.now() + slide.seconds * 1000;
    number += 1;
    fetch("/drawn", { method: "POST" }).catch(() => {});
  }
}

setInterval(look, 500);
look();
