/** The list of lines: which one is spoken now, and keeping it in view as long as the reader has not gone elsewhere. */

const OWN_SCROLL_MS = 900; // how long a smooth scroll of ours may still send scroll events
const RESTART_MS = 2000; // "back" within this time of a line's start goes to the line before it

export class Transcript {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} followButton
   */
  constructor(list, followButton) {
    this.lines = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".line")]);
    this.starts = this.lines.map((line) => Number(line.dataset.from));
    this.followButton = followButton;
    this.current = -1;
    this.isFollowing = true;
    this.ownScrollUntil = 0;
    this.links = this.lines.map((line) => /** @type {HTMLElement} */ (line.querySelector("a")));
    for (const link of this.links) link.tabIndex = -1;
    /** @type {HTMLElement | null} */
    this.stop = null;
    this.moveStop(0);
    list.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    followButton.addEventListener("click", () => this.follow());
  }

  /**
   * The line that is spoken at a time: the last one that has begun.
   * @param {number} ms
   */
  indexAt(ms) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /**
   * Where one line back or on begins.
   * @param {number} ms
   * @param {-1 | 1} step
   */
  neighbour(ms, step) {
    const here = this.indexAt(ms);
    const isLate = here >= 0 && ms - this.starts[here] > RESTART_MS;
    const index = step === -1 && isLate ? here : here + step;
    return this.starts[Math.min(Math.max(0, index), this.starts.length - 1)] ?? 0;
  }

  /** @param {number} ms */
  mark(ms) {
    const index = this.indexAt(ms);
    if (index === this.current) return;
    this.lines[this.current]?.removeAttribute("aria-current");
    this.current = index;
    this.lines[index]?.setAttribute("aria-current", "true");
    this.moveStop(index);
    if (this.isFollowing) this.reveal("nearest");
  }

  /**
   * Tab stops at one line only, so that it does not take a thousand steps to the notes; up and down walk from there.
   * @param {number} index
   */
  moveStop(index) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = this.links[Math.max(0, index)] ?? null;
    if (this.stop) this.stop.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const here = this.links.indexOf(/** @type {HTMLElement} */ (event.target));
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (here < 0 || !step) return;
    event.preventDefault();
    const there = Math.min(Math.max(0, here + step), this.links.length - 1);
    this.moveStop(there);
    this.links[there].focus();
  }

  /** Take up following again, with the spoken line in view. */
  follow() {
    this.isFollowing = true;
    this.followButton.hidden = true;
    this.reveal(this.isInView() ? "nearest" : "center");
  }

  /** @param {ScrollLogicalPosition} block */
  reveal(block) {
    const line = this.lines[this.current];
    if (!line?.offsetParent) return;
    this.ownScrollUntil = performance.now() + OWN_SCROLL_MS;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    line.scrollIntoView({ block, behavior: isCalm ? "instant" : "smooth" });
  }

  isInView() {
    const box = this.lines[this.current]?.getBoundingClientRect();
    return !box || (box.bottom > 0 && box.top < innerHeight);
  }

  noticeScroll() {
    const line = this.lines[this.current];
    if (!line?.offsetParent || performance.now() < this.ownScrollUntil) return;
    this.isFollowing = this.isInView();
    this.followButton.hidden = this.isFollowing;
  }
}
