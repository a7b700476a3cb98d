// @ts-check
/** The camera's corner of the page: start, stop, light, which camera, and why it does not start. */

import { createCamera } from "./camera.js";
import { createSightings } from "./sightings.js";
import { reveal } from "./view.js";

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {{ words: Record<string, string>, script: string, wasm: string, found: (text: string) => void,
 *   failed?: () => void }} how
 */
export function scanningByCamera(parts, { words, script, wasm, found, failed }) {
  const sightings = createSightings();
  const choice = /** @type {HTMLSelectElement} */ (parts.cameras);
  /** @type {WakeLockSentinel | null} */
  let awake = null;
  let wanted = false; // the person wants it on, though the page may be hidden just now

  const camera = createCamera({
    video: /** @type {HTMLVideoElement} */ (parts.video),
    script,
    wasm,
    found: (text) => {
      if (sightings.see(text, performance.now())) found(text);
    },
    changed: draw,
  });

  function draw() {
    parts.camera.dataset.on = String(camera.on);
    reveal(parts["camera-start"], !camera.on);
    reveal(parts["camera-stop"], camera.on);
    reveal(parts.torch, camera.on && camera.hasTorch);
    parts.torch.setAttribute("aria-pressed", String(camera.torchOn));
    if (!camera.on) reveal(parts.which, false);
    if (!camera.on) awake?.release();
  }

  async function list() {
    const devices = await camera.all();
    choice.replaceChildren(
      ...devices.map((device, place) => {
        const name = device.label || words.camera_name.replace("%(number)s", String(place + 1));
        return new Option(name, device.deviceId, false, device.deviceId === camera.current);
      }),
    );
    reveal(parts.which, camera.on && devices.length > 1);
  }

  /** @param {string} [deviceId] */
  async function start(deviceId) {
    wanted = true;
    reveal(parts["camera-error"], false);
    const problem = await camera.start(deviceId);
    if (problem) {
      wanted = false;
      parts["camera-error"].textContent = words[`camera_${problem}`];
      reveal(parts["camera-error"], true);
      failed?.();
      return;
    }
    await list();
    // a phone that waits for the next voucher must not go dark; refused where the battery is low
    await navigator.wakeLock?.request("screen").then((lock) => (awake = lock), () => {});
  }

  parts["camera-start"].addEventListener("click", () => start());
  parts["camera-stop"].addEventListener("click", () => {
    wanted = false;
    camera.stop();
    parts["camera-start"].focus();
  });
  parts.torch.addEventListener("click", () => camera.switchTorch());
  choice.addEventListener("change", () => start(choice.value));
  // a hidden page does not film
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") camera.stop();
    else if (wanted) start();
  });
  draw();

  return {
    stop: () => camera.stop(),
    /** @param {string} code */
    know: (code) => sightings.know(code, performance.now()),
  };
}
