// @ts-check
/**
 * The queue on a wall asks again by itself and changes its numbers in place. Where the network is away it keeps
 * what it shows and says so: a browser's own error page would hang there until somebody finds a keyboard.
 */

const seconds = Number(document.body.dataset.every) || 10;
const offline = /** @type {HTMLElement} */ (document.querySelector(".offline"));

async function ask() {
  let page;
  try {
    const answer = await fetch(location.href);
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      location.reload(); // the session is over: the page says what to do
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    offline.hidden = false;
    return;
  }
  offline.hidden = true;
  document.body.className = page.body.className;
  for (const part of ["header", "main"]) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part)?.replaceWith(fresh);
  }
}

setInterval(ask, seconds * 1000);
