// @ts-check
/**
 * Each outcome sounds and shakes in its own way, for hands that are full and eyes that are elsewhere. Refusals are
 * told apart by rhythm: many short beats for a wrong code, long low ones for what must not be served.
 */

import { keepSound, soundOn } from "./prefs.js";

/** Tones as [hertz, milliseconds]; 0 Hz is silence. */
/** @type {Record<string, { tones: [number, number][], shape: OscillatorType, shake: number[] }>} */
export const SIGNALS = {
  card: { tones: [[1320, 70]], shape: "sine", shake: [40] },
  done: { tones: [[880, 90], [0, 30], [1320, 160]], shape: "sine", shake: [60, 40, 120] },
  undone: { tones: [[990, 110], [0, 30], [660, 180]], shape: "sine", shake: [120, 60, 60] },
  amber: { tones: [[520, 140], [0, 90], [520, 140]], shape: "triangle", shake: [150, 100, 150] },
  early: { tones: [[392, 130], [494, 130], [700, 240]], shape: "triangle", shake: [60, 60, 60, 60, 260] },
  expired: { tones: [[700, 130], [494, 130], [330, 300]], shape: "triangle", shake: [260, 60, 60, 60, 60] },
  void: { tones: [[190, 420]], shape: "sawtooth", shake: [420] },
  foreign: { tones: [[200, 160], [480, 160], [200, 160]], shape: "sawtooth", shake: [240, 90, 240, 90, 240] },
  unproven: { tones: [[170, 260], [0, 90], [170, 260]], shape: "sawtooth", shake: [300, 120, 300] },
  elsewhere: { tones: [[760, 150], [0, 40], [440, 280]], shape: "sine", shake: [60, 60, 280] },
  wrong: { tones: [[900, 50], [0, 50], [900, 50], [0, 50], [900, 50], [0, 50], [900, 50]], shape: "square", shake: [40, 50, 40, 50, 40, 50, 40] },
  red: { tones: [[230, 150], [0, 60], [130, 420]], shape: "sawtooth", shake: [300, 80, 60, 80, 300] },
  lost: { tones: [[300, 90], [0, 70], [300, 90], [0, 70], [300, 90]], shape: "square", shake: [80, 60, 80, 60, 80] },
};

/** @type {AudioContext | null} */
let audio = null;
let on = true;

/** Browsers let a page sound only after a press; call this from one. */
export function wakeAudio() {
  if (!on || typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

/** @param {HTMLButtonElement} button switches sound; its `aria-pressed` says how it is */
export function soundSwitch(button) {
  const show = () => button.setAttribute("aria-pressed", String(on));
  on = soundOn();
  show();
  button.addEventListener("click", () => {
    on = !on;
    keepSound(on);
    show();
    if (on) signal("card");
  });
}

/** @param {string} name */
export function signal(name) {
  const { tones, shape, shake } = SIGNALS[name];
  if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate(shake);
  if (!on) return;
  if (navigator.userActivation?.hasBeenActive) wakeAudio();
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime + 0.01;
  for (const [hertz, ms] of tones) {
    const end = at + ms / 1000;
    if (hertz > 0) {
      const voice = audio.createOscillator();
      const volume = audio.createGain();
      voice.type = shape;
      voice.frequency.value = hertz;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.4, at + 0.01);
      volume.gain.exponentialRampToValueAtTime(0.0001, end);
      voice.connect(volume).connect(audio.destination);
      voice.start(at);
      voice.stop(end);
    }
    at = end;
  }
}
