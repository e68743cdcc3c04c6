// Lets this browser itself be told: it asks for permission only after somebody chose it, and the usual form does the rest.
"use strict";
(() => {
  const choice = document.getElementById("here");
  const form = document.querySelector("form.ask");
  if (!choice || !form || !("serviceWorker" in navigator) || !("PushManager" in window)) { return; }
  const field = form.elements.address;
  const place = field.closest("div");
  const error = document.getElementById("here-error");
  choice.hidden = false;

  function chosen() { return form.elements.medium.value === "app"; }

  form.addEventListener("change", () => {
    place.hidden = chosen();
    field.required = !chosen();
    if (chosen()) { field.removeAttribute("maxlength"); } else { field.maxLength = 80; field.value = ""; }
  });

  async function subscription() {
    const worker = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    await navigator.serviceWorker.ready;
    const known = await worker.pushManager.getSubscription();
    const made = known || await worker.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: choice.dataset.key,
    });
    const told = made.toJSON();
    return JSON.stringify({ endpoint: told.endpoint, keys: { auth: told.keys.auth, p256dh: told.keys.p256dh } });
  }

  form.addEventListener("submit", async (event) => {
    if (!chosen() || field.value) { return; }
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
