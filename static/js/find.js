/** Find in the transcript: marks every place, counts them, and walks from one to the next. */

import { fill } from "./format.js";

const canHighlight = "highlights" in CSS;

export class Find {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} list
   */
  constructor(form, list) {
    this.form = form;
    this.list = list;
    this.input = /** @type {HTMLInputElement} */ (form.querySelector("#find-words"));
    /** @type {Range[]} */
    this.places = [];
    this.at = 0;
    form.hidden = false;
    this.input.addEventListener("input", () => this.search());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.step(1);
    });
    form.querySelector("#find-previous")?.addEventListener("click", () => this.step(-1));
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape") {
      this.input.value = "";
      this.search();
      this.input.blur();
    } else if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      this.step(-1);
    }
  }

  search() {
    const words = this.input.value.trim();
    this.places = words ? findPlaces(this.list, words) : [];
    this.at = 0;
    this.show();
  }

  /** @param {-1 | 1} by */
  step(by) {
    if (!this.places.length) return;
    this.at = (this.at + by + this.places.length) % this.places.length;
    this.show();
  }

  show() {
    const { places, at, form } = this;
    const { textCount, textNone } = form.dataset;
    const isAsking = this.input.value.trim() !== "";
    const counted = places.length ? fill(textCount, { at: at + 1, total: places.length }) : textNone ?? "";
    /** @type {HTMLElement} */ (form.querySelector("#find-count")).textContent = isAsking ? counted : "";
    for (const button of form.querySelectorAll("button")) button.disabled = places.length === 0;
    for (const line of this.list.querySelectorAll("[data-found]")) line.removeAttribute("data-found");
    const line = places[at]?.startContainer.parentElement?.closest(".line");
    line?.setAttribute("data-found", "");
    line?.scrollIntoView({ block: "center" });
    if (!canHighlight) return;
    CSS.highlights.set("found", new Highlight(...places));
    CSS.highlights.set("found-here", new Highlight(...places.slice(at, at + 1)));
  }
}

/**
 * @param {HTMLElement} list
 * @param {string} words
 */
function findPlaces(list, words) {
  const pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
  const places = [];
  for (const text of list.querySelectorAll(".line-text")) {
    const node = text.firstChild;
    if (!node) continue;
    for (const match of (node.textContent ?? "").matchAll(pattern)) {
      const range = new Range();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      places.push(range);
    }
  }
  return places;
}
