// @ts-check
/** Whether the browser keeps what is recorded here, and the page on the home screen. */

/** Ask for storage that is not thrown away when the phone gets full. @returns {Promise<boolean>} */
export async function askToKeep() {
  try {
    return (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} */
export async function isKept() {
  try {
    return (await navigator.storage?.persisted?.()) ?? false;
  } catch {
    return false;
  }
}

export const onHomeScreen = () => matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;

/**
 * The browser's own offer to install, kept until somebody wants it.
 * @param {(possible: boolean) => void} changed
 */
export function installing(changed) {
  /** @type {any} */
  let offer = null;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // asked for with a reason, at a quiet moment
    offer = event;
    changed(true);
  });
  addEventListener("appinstalled", () => {
    offer = null;
    changed(false);
  });
  return {
    async install() {
      const asked = offer;
      offer = null;
      changed(false);
      await asked?.prompt();
    },
  };
}

const MARK = "aidtrack.field.enrolled";

/** Remembered apart from what is recorded: so a page whose storage was wiped can say so. @param {boolean} [on] */
export function wasEnrolled(on) {
  try {
    if (on !== undefined) localStorage.setItem(MARK, on ? "yes" : "");
    return localStorage.getItem(MARK) === "yes";
  } catch {
    return false;
  }
}

/** What the phone calls itself: enough for a manager to tell two of them apart. */
export function phoneName() {
  const agent = navigator.userAgent;
  const system = /Android|iPhone|iPad|Windows|Mac OS X|CrOS|Linux/.exec(agent)?.[0] ?? "";
  const model = /Android [\d.]+; ([^;)]{1,30})/.exec(agent)?.[1]?.trim();
  const browser = /(Firefox|FxiOS|EdgA?|SamsungBrowser|OPR|CriOS|Chrome|Safari)\/[\d]+/.exec(agent)?.[1] ?? "";
  const known = /** @type {Record<string, string>} */ ({ FxiOS: "Firefox", EdgA: "Edge", Edg: "Edge", OPR: "Opera", CriOS: "Chrome" });
  return [model && model !== "K" ? model : system, known[browser] ?? browser].filter(Boolean).join(", ").slice(0, 60) || "?";
}
