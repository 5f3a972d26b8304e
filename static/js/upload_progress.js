/** How an upload is shown that goes on, and what is said of one that failed; the texts are those of the form. */

import { bytes, fill, percent, timeLeft } from "./format.js";

const SAY_EVERY = 0.25; // share of the upload between two announcements

/**
 * @param {DOMStringMap} texts
 * @param {import("./upload.js").UploadProgress} progress
 */
export function showProgress(texts, { loaded, total, secondsLeft }) {
  const share = total ? loaded / total : 0;
  const facts = [fill(texts.textProgress, { done: bytes(loaded), total: bytes(total) })];
  if (secondsLeft !== null && loaded < total) facts.push(fill(texts.textLeft, { time: timeLeft(secondsLeft) }));
  const hasArrived = total > 0 && loaded >= total;
  /** @type {HTMLProgressElement} */ (part("upload-bar")).value = share * 100;
  part("upload-percent").textContent = percent(share);
  part("upload-facts").textContent = hasArrived ? texts.textChecking ?? "" : facts.join(", ");
  const said = hasArrived ? texts.textChecking ?? "" : percent(Math.floor(share / SAY_EVERY) * SAY_EVERY);
  if (part("upload-said").textContent !== said) part("upload-said").textContent = said;
}

/**
 * @param {DOMStringMap} texts
 * @param {import("./upload.js").UploadAnswer} answer
 * @returns {string}
 */
export function refusalOf(texts, { status, body }) {
  if (status === -1) return texts.textCancelled ?? "";
  if (status === 0) return texts.textBroken ?? "";
  if (body?.message) return body.message;
  return (status === 401 || status === 403 ? texts.textSignedOut : texts.textRefused) ?? "";
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
