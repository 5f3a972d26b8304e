/** The meeting page: joins player, transcript, notes, find, keys and the address. */

import { Find } from "./find.js";
import { wireKeys } from "./keys.js";
import { momentHash, readMoment, writeMoment } from "./moment.js";
import { Player } from "./player.js";
import { watchProgress } from "./progress.js";
import { Tabs } from "./tabs.js";
import { Transcript } from "./transcript.js";

const page = byId("meeting");
/** @type {Player | null} */
let player = null;
/** @type {Transcript | null} */
let transcript = null;
/** @type {Find | null} */
let find = null;
/** @type {Tabs | null} */
let tabs = null;

/**
 * @param {string} id
 * @returns {HTMLElement | null}
 */
function byId(id) {
  return document.getElementById(id);
}

/** Lines may arrive while the page is open, so what hangs on them is wired anew each time. */
function startTranscript() {
  const list = byId("lines");
  const form = byId("find");
  const button = byId("follow");
  if (!list || !button) return;
  transcript = new Transcript(list, button);
  find = form instanceof HTMLFormElement ? new Find(form, list) : null;
}

function startPlayer() {
  const section = byId("player");
  if (!section) return;
  player = new Player(section, Number(page?.dataset.duration));
  player.addEventListener("time", () => transcript?.mark(player?.nowMs ?? 0));
  player.addEventListener("chosen", () => goTo(player?.nowMs ?? 0));
}

/**
 * Play from a time, mark its line, and put the time into the address.
 * @param {number} ms
 */
function goTo(ms) {
  writeMoment(ms);
  player?.playFrom(ms);
  transcript?.mark(ms);
  transcript?.follow();
}

/** Be at a time without playing: a page opened at a moment, or an address that was changed. */
function standAt() {
  const ms = readMoment(location.hash);
  if (ms === null) return;
  player?.seek(ms);
  transcript?.mark(ms);
  transcript?.follow();
}

/** @param {-1 | 1} step */
function jump(step) {
  if (transcript) goTo(transcript.neighbour(player?.nowMs ?? 0, step));
}

/**
 * The time that a click asks for: of a link, of the first receipt of a sentence, or of a line.
 * @param {Element} target
 */
function askedTime(target) {
  const link = target.closest("a");
  if (link) return link.dataset.start;
  const sentence = target.closest(".said")?.closest(".sentence")?.querySelector("a[data-start]");
  if (sentence instanceof HTMLElement) return sentence.dataset.start;
  const isSelecting = !getSelection()?.isCollapsed;
  return isSelecting ? undefined : /** @type {HTMLElement | null} */ (target.closest(".line"))?.dataset.from;
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = /** @type {Element} */ (event.target);
  const start = askedTime(target);
  if (start === undefined) return;
  event.preventDefault();
  if (target.closest("#notes")) tabs?.showTranscript();
  goTo(Number(start));
}

/** Each link carries its moment, so that it can be copied; without JavaScript it leads to the line. */
function addressMoments() {
  for (const link of page?.querySelectorAll("a[data-start]") ?? []) {
    link.setAttribute("href", momentHash(Number(/** @type {HTMLElement} */ (link).dataset.start)));
  }
}

function start() {
  const list = byId("tabs");
  const columns = byId("columns");
  const sheet = byId("keys");
  const voice = byId("progress-said");
  if (list && columns) tabs = new Tabs(list, columns);
  startTranscript();
  startPlayer();
  standAt();
  addressMoments();
  if (voice) watchProgress(voice);
  if (sheet instanceof HTMLDialogElement) {
    wireKeys(sheet, {
      toggle: () => player?.toggle(),
      back: () => jump(-1),
      on: () => jump(1),
      find: () => {
        tabs?.showTranscript();
        find?.focus();
      },
    });
  }
  page?.addEventListener("click", onClick);
  addEventListener("hashchange", standAt);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (/** @type {Element} */ (event.target).id !== "transcript") return;
    startTranscript();
    addressMoments();
  });
}

start();
