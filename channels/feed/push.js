// Lets this browser itself be told: it asks for permission only after somebody chose it, and the usual form does the rest.
"use strict";
(() => {
  const choice = document.getElementById("here");
  const form = document.querySelector("form.ask");
  if (!choice || !form || !("serviceWorker" in navigator) || !("PushManager" in window)) { return; }
  const field = form.elements.address;
  const place = field.closest("div");
  const error = document.getElementById("here-error");
  const key = choice.dataset.key;

  function chosen() { return form.elements.medium.value === "app"; }

  // What somebody wrote stays in the field; only what this script put there goes.
  function adapt() {
    place.hidden = chosen();
    field.required = !chosen();
    if (field.value.startsWith("{")) { field.value = ""; }
  }

  function keyOf(known) {
    const bytes = new Uint8Array(known.options.applicationServerKey || []);
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // A subscription made for an older key of the hub gets no push any more: it gives way to a new one.
  async function standing(manager) {
    const known = await manager.getSubscription();
    if (!known || keyOf(known) === key) { return known; }
    await known.unsubscribe();
    return null;
  }

  async function subscription() {
    const worker = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    await navigator.serviceWorker.ready;
    const made = await standing(worker.pushManager)
      || await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const told = made.toJSON();
    return JSON.stringify({ endpoint: told.endpoint, keys: { auth: told.keys.auth, p256dh: told.keys.p256dh } });
  }

  choice.hidden = false;
  adapt();
  form.addEventListener("change", (event) => { if (event.target.name === "medium") { adapt(); } });
  form.addEventListener("submit", async (event) => {
    if (!chosen()) { return; }
    event.preventDefault();
    error.hidden = true;
    try {
      field.value = await subscription();
      form.submit();
    } catch (_) {
      error.hidden = false;
      error.focus();
    }
  });
})();
