/** Add a recording: gathers files, checks what can be checked here, uploads, and shows what the server says. */

import { FileRow } from "./files.js";
import { bytes, fill } from "./format.js";
import { upload } from "./upload.js";
import { part, refusalOf, showProgress } from "./upload_progress.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("import"));
const texts = form.dataset;
const maxBytes = Number(texts.maxBytes) || Infinity;
/** @type {FileRow[]} */
let rows = [];
let rowNumber = 0;
/** @type {(() => void) | null} */
let stopUpload = null;

const title = /** @type {HTMLInputElement} */ (part("title"));
const chooser = /** @type {HTMLInputElement} */ (part("files"));

/** @param {FileList | null | undefined} files */
function addFiles(files) {
  for (const file of files ?? []) {
    const row = new FileRow(file, /** @type {HTMLTemplateElement} */ (part("file-row")), (rowNumber += 1));
    row.removeButton.addEventListener("click", () => removeRow(row));
    if (file.size === 0) row.showErrors([texts.textEmpty ?? ""]);
    rows.push(row);
    part("file-list").append(row.element);
  }
  showRows();
}

/** @param {FileRow} row */
function removeRow(row) {
  const index = rows.indexOf(row);
  rows = rows.filter((other) => other !== row);
  row.element.remove();
  showRows();
  (rows[Math.min(index, rows.length - 1)]?.removeButton ?? chooser).focus();
}

function showRows() {
  const total = totalBytes();
  part("file-list").hidden = rows.length === 0;
  part("files-total").hidden = rows.length < 2;
  part("files-total").textContent = fill(texts.textTotal, { size: bytes(total) });
  part("files-error").textContent = total > maxBytes ? fill(texts.textTooLarge, { limit: bytes(maxBytes) }) : "";
}

function totalBytes() {
  return rows.reduce((sum, row) => sum + row.file.size, 0);
}

/** Show everything that is wrong, and answer the first place to mend. */
function findMistake() {
  /** @type {HTMLElement[]} */
  const wrong = [];
  showTitleError(title.value.trim() ? "" : texts.textNoTitle ?? "");
  if (!title.value.trim()) wrong.push(title);
  if (rows.length === 0) part("files-error").textContent = texts.textNoFiles ?? "";
  if (rows.length === 0 || totalBytes() > maxBytes) wrong.push(chooser);
  for (const row of rows) {
    const sentences = [];
    if (row.file.size === 0) sentences.push(texts.textEmpty ?? "");
    if (!row.name.value.trim()) sentences.push(texts.textNoName ?? "");
    row.showErrors(sentences);
    if (sentences.length) wrong.push(row.name);
    else if (!row.offset.checkValidity()) wrong.push(row.offset);
  }
  return wrong[0];
}

/** @param {string} sentence */
function showTitleError(sentence) {
  part("title_error").textContent = sentence;
  title.ariaInvalid = sentence ? "true" : "false";
}

/** @param {string} sentence */
function showError(sentence) {
  part("import-error").hidden = !sentence;
  part("import-error").textContent = sentence;
}

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  part("upload").hidden = !isBusy;
  part("upload-cancel").hidden = !isBusy;
  part("upload-start").hidden = isBusy;
  title.disabled = isBusy;
  chooser.disabled = isBusy;
  part("drop").hidden = isBusy;
  for (const row of rows) row.lock(isBusy);
  if (isBusy) showProgress(texts, { loaded: 0, total: totalBytes(), secondsLeft: null });
}

function gatherForm() {
  const data = new FormData();
  data.append("title", title.value.trim());
  for (const row of rows) row.appendTo(data);
  return data;
}

/** @param {Record<string, string[]>} errors by field: title, files, files.0, files.0.name … */
function showFieldErrors(errors) {
  /** @type {string[][]} */
  const byRow = rows.map(() => []);
  for (const [field, sentences] of Object.entries(errors)) {
    const row = /^files?\.(\d+)/.exec(field);
    if (row && byRow[Number(row[1])]) byRow[Number(row[1])].push(...sentences);
    else if (field === "title") showTitleError(sentences.join(" "));
    else part("files-error").textContent = sentences.join(" ");
  }
  byRow.forEach((sentences, index) => rows[index].showErrors(sentences));
}

/** @param {import("./upload.js").UploadAnswer} answer */
function showRefusal(answer) {
  if (answer.body?.errors) showFieldErrors(answer.body.errors);
  showError(refusalOf(texts, answer));
  part("import-error").scrollIntoView({ block: "nearest" });
}

async function send() {
  showError("");
  const data = gatherForm();
  setBusy(true);
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const sending = upload(form.action, data, token, (progress) => showProgress(texts, progress));
  stopUpload = sending.stop;
  const answer = await sending.answer;
  stopUpload = null;
  const meetingId = answer.status === 202 ? answer.body?.data?.meetingId : undefined;
  if (meetingId) {
    location.assign(`${texts.meetingUrl}${encodeURIComponent(meetingId)}`);
    return;
  }
  setBusy(false);
  showRefusal(answer);
}

function wireDrop() {
  const drop = part("drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => addFiles(event.dataTransfer?.files));
  chooser.addEventListener("change", () => {
    addFiles(chooser.files);
    // The rows hold the files from here on; an emptied input lets the same file be chosen again.
    chooser.value = "";
  });
}

form.noValidate = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (stopUpload) return;
  const mistake = findMistake();
  if (mistake) mistake.focus();
  else void send();
});
part("upload-cancel").addEventListener("click", () => stopUpload?.());
addEventListener("beforeunload", (event) => stopUpload && event.preventDefault());
wireDrop();
