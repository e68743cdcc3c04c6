// Shows what the hub pushes. A newer word about the same warning takes the place of the older one.
"use strict";
self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  if (!said.title) { return; }
  event.waitUntil(self.registration.showNotification(said.title, {
    body: said.body, lang: said.lang, tag: said.of, renotify: Boolean(said.of), data: { url: said.url },
    requireInteraction: said.rank >= 3,
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data.url;
  if (url && new URL(url, self.location).origin === self.location.origin) { event.waitUntil(self.clients.openWindow(url)); }
});
