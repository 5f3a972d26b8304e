/** The files of a room: sends one past the page, shows how far that is, and what the server says. */

import { upload } from "./upload.js";
import { part, refusalOf, showProgress } from "./upload_progress.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("room-upload"));

/** @param {string} sentence */
function showError(sentence) {
  part("room-upload-error").hidden = !sentence;
  part("room-upload-error").textContent = sentence;
}

/**
 * Say it in the reader's language where the page knows the code.
 * @param {string | undefined} code
 */
function translated(code) {
  const refusals = /** @type {HTMLTemplateElement} */ (part("upload-refusals")).content;
  return code ? refusals.querySelector(`[data-code="${CSS.escape(code)}"]`)?.textContent : undefined;
}

/** @param {HTMLFormElement} form */
function wire(form) {
  const texts = form.dataset;
  const chooser = /** @type {HTMLInputElement} */ (form.elements.namedItem("file"));
  /** @type {(() => void) | null} */
  let stopUpload = null;

  /** @param {boolean} isBusy */
  function setBusy(isBusy) {
    part("upload").hidden = !isBusy;
    part("upload-cancel").hidden = !isBusy;
    part("upload-start").hidden = isBusy;
    chooser.disabled = isBusy;
  }

  /** @param {File} file */
  async function send(file) {
    const data = new FormData();
    data.append("file", file);
    setBusy(true);
    showProgress(texts, { loaded: 0, total: file.size, secondsLeft: null });
    const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
    const sending = upload(texts.url ?? "", data, token, (progress) => showProgress(texts, progress));
    stopUpload = sending.stop;
    const answer = await sending.answer;
    stopUpload = null;
    if (answer.status === 200) {
      location.reload();
      return;
    }
    setBusy(false);
    showError(translated(answer.body?.code) ?? refusalOf(texts, answer));
  }

  form.addEventListener("submit", (event) => {
    const file = chooser.files?.[0];
    // Without a file the browser says what is missing.
    if (!file) return;
    event.preventDefault();
    showError("");
    if (file.size > (Number(texts.maxBytes) || Infinity)) showError(translated("file_too_large") ?? "");
    else void send(file);
  });
  part("upload-cancel").addEventListener("click", () => stopUpload?.());
  addEventListener("beforeunload", (event) => stopUpload && event.preventDefault());
}

if (form) wire(form);
