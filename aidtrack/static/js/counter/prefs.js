// @ts-check
/** What this browser remembers: whether it sounds, and which camera. Nothing of any voucher or family. */

const SOUND = "aidtrack.counter.sound";
const CAMERA = "aidtrack.counter.camera";

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return ""; // storage is closed to this page: the choice lasts as long as the page
  }
}

/** @param {string} key @param {string} value */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}

export const soundOn = () => read(SOUND) !== "off";
/** @param {boolean} on */
export const keepSound = (on) => write(SOUND, on ? "on" : "off");
export const chosenCamera = () => read(CAMERA);
/** @param {string} id */
export const keepCamera = (id) => write(CAMERA, id);
