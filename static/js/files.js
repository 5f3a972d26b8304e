/** The files of a recording: one row each, with who speaks in it and when it begins. */

import { bytes, fill } from "./format.js";

/**
 * Whom a file is likely to hold: `anna.flac` is Anna's.
 * @param {string} fileName
 */
function speakerIn(fileName) {
  const name = fileName.replace(/\.[^.]*$/, "").replace(/_+/g, " ").trim();
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

export class FileRow {
  /**
   * @param {File} file
   * @param {HTMLTemplateElement} template
   * @param {number} number distinguishes the ids of the rows
   */
  constructor(file, template, number) {
    this.file = file;
    const fragment = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = /** @type {HTMLElement} */ (fragment.querySelector(".file"));
    this.name = this.inputOf("name", number);
    this.offset = this.inputOf("offset", number);
    this.errors = /** @type {HTMLElement} */ (this.element.querySelector("[data-part=errors]"));
    this.removeButton = /** @type {HTMLButtonElement} */ (this.element.querySelector("[data-part=remove]"));
    this.errors.id = `file-${number}-errors`;
    this.name.setAttribute("aria-describedby", this.errors.id);
    this.name.value = speakerIn(file.name);
    /** @type {HTMLElement} */ (this.element.querySelector(".file-name")).textContent = file.name;
    /** @type {HTMLElement} */ (this.element.querySelector(".file-size")).textContent = bytes(file.size);
    const words = this.removeButton.querySelector(".hidden-words");
    if (words) words.textContent = fill(this.removeButton.dataset.label, { file: file.name });
  }

  /**
   * @param {string} part
   * @param {number} number
   */
  inputOf(part, number) {
    const field = /** @type {HTMLElement} */ (this.element.querySelector(`[data-part=${part}]`));
    const input = /** @type {HTMLInputElement} */ (field.querySelector("input"));
    input.id = `file-${number}-${part}`;
    /** @type {HTMLLabelElement} */ (field.querySelector("label")).htmlFor = input.id;
    return input;
  }

  /** @param {string[]} sentences */
  showErrors(sentences) {
    this.errors.textContent = sentences.join(" ");
    this.element.toggleAttribute("data-state", false);
    if (sentences.length) this.element.dataset.state = "error";
    this.name.ariaInvalid = sentences.length ? "true" : "false";
  }

  /** @param {FormData} form */
  appendTo(form) {
    form.append("name", this.name.value.trim());
    form.append("offset", this.offset.value.trim() || "0");
    form.append("file", this.file, this.file.name);
  }

  /** @param {boolean} isBusy */
  lock(isBusy) {
    for (const control of [this.name, this.offset, this.removeButton]) control.disabled = isBusy;
  }
}
