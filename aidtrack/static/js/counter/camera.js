// @ts-check
/** The camera as a reader of QR codes: the browser's own reader where it has one, else the vendored one. */

import { chosenCamera, keepCamera } from "./prefs.js";

/** Codes are looked for about eight times a second: enough for a hand, little for a battery. */
const EVERY_MS = 120;

/**
 * @typedef {object} Reader
 * @property {(source: CanvasImageSource) => Promise<{ rawValue: string }[]>} detect
 */

/** @type {Promise<Reader> | null} */
let reader = null;

/**
 * @param {string} script address of the vendored reader
 * @param {string} wasm address of its WebAssembly part, on our own host
 * @returns {Promise<Reader>}
 */
async function makeReader(script, wasm) {
  const page = /** @type {any} */ (window);
  if ("BarcodeDetector" in window && (await page.BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    return new page.BarcodeDetector({ formats: ["qr_code"] });
  }
  await new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = script;
    element.onload = resolve;
    element.onerror = () => reject(new Error("reader"));
    document.head.append(element);
  });
  const { BarcodeDetector, prepareZXingModule } = page.BarcodeDetectionAPI;
  // without this the library would fetch its WebAssembly from a public host
  prepareZXingModule({
    overrides: { locateFile: (/** @type {string} */ path, /** @type {string} */ folder) => (path.endsWith(".wasm") ? wasm : folder + path) },
  });
  return new BarcodeDetector({ formats: ["qr_code"] });
}

/**
 * @param {{ video: HTMLVideoElement, script: string, wasm: string, found: (text: string) => void,
 *   changed: () => void }} parts
 */
export function createCamera({ video, script, wasm, found, changed }) {
  /** @type {MediaStream | null} */
  let stream = null;
  let running = 0; // grows with every start and stop: an older loop ends by itself
  let torch = false;

  const track = () => stream?.getVideoTracks()[0];

  /** @param {number} mine */
  async function look(mine) {
    const eyes = await (reader ??= makeReader(script, wasm));
    while (mine === running) {
      if (video.readyState >= 2) {
        try {
          const [first] = await eyes.detect(video);
          if (first && mine === running) found(first.rawValue);
        } catch {
          // a frame that cannot be read is followed by the next one
        }
      }
      await new Promise((next) => setTimeout(next, EVERY_MS));
    }
  }

  const camera = {
    get on() {
      return stream !== null;
    },
    get torchOn() {
      return torch;
    },
    get hasTorch() {
      const able = /** @type {any} */ (track()?.getCapabilities?.());
      return Boolean(able?.torch);
    },
    /**
     * Start, or change to another camera.
     * @param {string} [deviceId]
     * @returns {Promise<string>} "" or why not: unsafe, refused, missing, failed
     */
    async start(deviceId = chosenCamera()) {
      if (!navigator.mediaDevices?.getUserMedia) return "unsafe";
      camera.stop();
      const mine = ++running;
      const wanted = { width: { ideal: 1280 }, height: { ideal: 720 } };
      const choice = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
      try {
        const opened = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...choice }, audio: false });
        if (mine !== running) {
          for (const one of opened.getTracks()) one.stop();
          return "";
        }
        stream = opened;
        track()?.addEventListener("ended", () => camera.stop());
        video.srcObject = stream;
        await video.play();
      } catch (error) {
        camera.stop();
        const name = error instanceof DOMException ? error.name : "";
        if (name === "OverconstrainedError" && deviceId) {
          keepCamera("");
          return camera.start("");
        }
        if (name === "NotAllowedError" || name === "SecurityError") return "refused";
        return name === "NotFoundError" || name === "OverconstrainedError" ? "missing" : "failed";
      }
      if (deviceId) keepCamera(deviceId);
      changed();
      look(mine).catch(() => {
        reader = null;
        camera.stop();
      });
      return "";
    },
    stop() {
      running += 1;
      torch = false;
      for (const one of stream?.getTracks() ?? []) one.stop();
      stream = null;
      video.srcObject = null;
      changed();
    },
    async switchTorch() {
      try {
        await track()?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: !torch })] });
        torch = !torch;
      } catch {
        torch = false;
      }
      changed();
    },
    /** Cameras with their names, once the person has allowed one. */
    async all() {
      const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
      return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
    },
    get current() {
      return track()?.getSettings().deviceId ?? "";
    },
  };
  return camera;
}
