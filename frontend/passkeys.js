// Passkeys: shows the button where the browser can, and says so when it did not work. The rest is django-allauth's own.

export function start() {
  if (window.PublicKeyCredential) {
    for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = false;
  }
  document.addEventListener("allauth.error", (event) => {
    const note = document.querySelector("[data-passkey-failed]");
    if (!note) return;
    event.preventDefault();
    note.hidden = false;
  });
}
