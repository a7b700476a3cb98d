// @ts-check
/** A signature drawn with a finger, kept as the path of an SVG: small, sharp on paper, and no picture of anything. */

export const WIDTH = 640;
export const HEIGHT = 320;
const LONGEST = 7_900; // characters; the protocol takes 8 kB
const STEP = 3; // points nearer than this say nothing new

/** @typedef {[number, number]} Point */

/**
 * Strokes as one path, thinned until it fits.
 * @param {Point[][]} strokes in the units of WIDTH and HEIGHT
 */
export function pathOf(strokes) {
  for (let step = STEP; ; step *= 1.6) {
    const path = strokes.map((stroke) => strokeOf(stroke, step)).join("");
    if (path.length <= LONGEST) return path;
  }
}

/** @param {Point[]} stroke @param {number} step */
function strokeOf(stroke, step) {
  const kept = stroke.filter((point, place) => {
    if (place === 0 || place === stroke.length - 1) return true;
    return place % Math.max(1, Math.floor(step / STEP)) === 0;
  });
  let last = kept[0];
  let path = `M${last[0]} ${last[1]}`;
  const far = kept.slice(1).filter((point) => {
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < step) return false;
    last = point;
    return true;
  });
  // a dot is a stroke too
  path += far.length ? `L${far.map(([x, y]) => `${x} ${y}`).join(" ")}` : "h1";
  return path;
}

/** Whether somebody drew more than a dot. @param {Point[][]} strokes */
export function isSigned(strokes) {
  let way = 0;
  for (const stroke of strokes) {
    for (let place = 1; place < stroke.length; place += 1) {
      way += Math.hypot(stroke[place][0] - stroke[place - 1][0], stroke[place][1] - stroke[place - 1][1]);
    }
  }
  return way >= 60;
}

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {Record<string, string>} words
 */
export function createInk(parts, words) {
  const dialog = /** @type {HTMLDialogElement} */ (parts["ink-dialog"]);
  const canvas = /** @type {HTMLCanvasElement} */ (parts.ink);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Point[][]} */
  let strokes = [];
  let drawing = -1;
  /** @type {(path: string | null) => void} */
  let answer = () => {};

  function clear() {
    strokes = [];
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#10202e"; // the box is white in the dark theme too
    parts["ink-error"].hidden = true;
  }

  /** @param {PointerEvent} event @returns {Point} */
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const within = (/** @type {number} */ value, /** @type {number} */ most) => Math.round(Math.min(most, Math.max(0, value)));
    return [within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH), within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    strokes.push([at(event)]);
    parts["ink-error"].hidden = true;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drawing) return;
    const stroke = strokes[strokes.length - 1];
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const point = at(one);
      const before = stroke[stroke.length - 1];
      pen.beginPath();
      pen.moveTo(...before);
      pen.lineTo(...point);
      pen.stroke();
      stroke.push(point);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drawing = -1));

  /** @param {string | null} path */
  function finish(path) {
    dialog.close();
    const tell = answer;
    answer = () => {};
    clear(); // no signature stays in the page
    tell(path);
  }

  parts["ink-clear"].addEventListener("click", clear);
  parts["ink-cancel"].addEventListener("click", () => finish(null));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    finish(null);
  });
  parts["ink-done"].addEventListener("click", () => {
    if (!isSigned(strokes)) {
      parts["ink-error"].textContent = words.ink_empty;
      parts["ink-error"].hidden = false;
      return;
    }
    finish(pathOf(strokes));
  });

  return {
    isOpen: () => dialog.open,
    cancel: () => dialog.open && finish(null),
    /** @param {string} goods what is signed for @returns {Promise<string | null>} */
    ask(goods) {
      if (dialog.open) return Promise.resolve(null);
      parts["ink-goods"].textContent = goods;
      clear();
      dialog.showModal();
      return new Promise((resolve) => (answer = resolve));
    },
  };
}
