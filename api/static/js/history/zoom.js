// @ts-check
/**
 * Zooming and moving in time over a drawing: the wheel (with Ctrl, or when the drawing has the focus), two fingers, a
 * drag, and the keys + and -, Shift with the arrows; buttons for everybody else.
 */

/** What a step of wheel or key makes of the time shown. */
const STEP = 1.25;
const LEAST_S = 60;
const MOST_S = 6 * 366 * 86_400;
/** The time is asked for anew once nothing has moved for so long, and nothing holds it. */
const SETTLES_MS = 350;

export class Zoom {
  /** @type {Map<number, number>} */
  #fingers = new Map();
  #timer = 0;
  #moved = false;

  /**
   * @param {HTMLElement} plot
   * @param {() => {start: number, end: number, left: number, width: number}|null} shown Unix s, and where in the plot, px
   * @param {(start: number, end: number) => void} settle what is to be shown now, Unix s
   */
  constructor(plot, shown, settle) {
    this.plot = plot;
    this.shown = shown;
    this.settle = settle;
    plot.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    plot.addEventListener("pointerdown", (event) => this.#down(event));
    plot.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) plot.addEventListener(name, (event) => this.#fingers.delete(event.pointerId));
    plot.addEventListener("click", (event) => this.#moved && event.stopImmediatePropagation(), { capture: true });
    plot.addEventListener("keydown", (event) => this.#key(event), { capture: true });
  }

  /** @type {{start: number, end: number}|null} */
  #wanted = null;

  /** Closer (below 1) or wider, around a share of what is shown. @param {number} factor @param {number} [around] 0..1 */
  by(factor, around = 0.5) {
    const at = this.#wanted ?? this.shown();
    if (!at) return;
    const length = at.end - at.start;
    const next = Math.min(MOST_S, Math.max(LEAST_S, length * factor));
    const start = at.start + (length - next) * around;
    this.#want(start, start + next);
  }

  /** Along, by a share of what is shown. @param {number} share */
  along(share) {
    const at = this.#wanted ?? this.shown();
    if (at) this.#want(at.start + share * (at.end - at.start), at.end + share * (at.end - at.start));
  }

  /** @param {number} start @param {number} end */
  #want(start, end) {
    this.#wanted = { start, end };
    const at = this.shown();
    if (at) {
      // What is there is stretched at once; the service's answer takes its place.
      const scale = (at.end - at.start) / (end - start);
      const x = at.left + ((at.start - start) / (end - start)) * at.width;
      this.plot.style.setProperty("--stretch", scale.toFixed(4));
      this.plot.style.setProperty("--along", `${(x - at.left * scale).toFixed(1)}px`);
      this.plot.classList.add("moving");
    }
    this.#wait();
  }

  #wait() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#done(), SETTLES_MS);
  }

  #done() {
    if (this.#fingers.size) return this.#wait(); // they hold it still, and are not done with it
    const at = this.#wanted;
    this.#wanted = null;
    if (at) this.settle(at.start, at.end);
  }

  /** What was stretched is drawn anew. */
  drawn() {
    if (!this.#wanted) this.plot.classList.remove("moving");
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !sideways && document.activeElement !== this.plot) return;
    event.preventDefault();
    if (sideways) return this.along(event.deltaX / Math.max(200, this.plot.clientWidth));
    this.by(event.deltaY > 0 ? STEP : 1 / STEP, this.#share(event.clientX));
  }

  /** Where in the time shown a place on the screen is, 0..1. @param {number} clientX */
  #share(clientX) {
    const at = this.shown();
    const x = clientX - this.plot.getBoundingClientRect().left - (at?.left ?? 0);
    return Math.min(1, Math.max(0, x / Math.max(1, at?.width ?? 1)));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#moved = false;
    this.#fingers.set(event.pointerId, event.clientX);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (before === undefined || (event.pointerType === "mouse" && event.buttons !== 1)) return;
    const far = event.clientX - before;
    if (Math.abs(far) < 4) return;
    this.#moved = true;
    const others = [...this.#fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    this.#fingers.set(event.pointerId, event.clientX);
    if (others.length) {
      const [was, is] = [Math.abs(before - others[0]), Math.abs(event.clientX - others[0])];
      if (was > 8 && is > 8) this.by(was / is, this.#share(others[0])); // so what is under each of them stays there
    } else this.along(-far / Math.max(1, this.shown()?.width ?? 1));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") this.by(1 / STEP / STEP);
    else if (event.key === "-" || event.key === "_") this.by(STEP * STEP);
    else if (event.shiftKey && event.key === "ArrowLeft") this.along(-0.25);
    else if (event.shiftKey && event.key === "ArrowRight") this.along(0.25);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  dispose() {
    window.clearTimeout(this.#timer);
  }
}
