/** What every page does: menus that close by themselves, and times in the reader's own zone. */

import { LANGUAGE } from "./format.js";

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMATS = {
  date: { dateStyle: "medium" },
  datetime: { dateStyle: "medium", timeStyle: "short" },
};

/**
 * Show each `<time data-local>` in the reader's language and time zone, or in the zone that it names.
 * @param {ParentNode} root
 */
function localizeTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) continue;
    const format = FORMATS[time.getAttribute("data-local") ?? ""] ?? FORMATS.date;
    const timeZone = time.getAttribute("data-zone") ?? undefined;
    time.textContent = new Intl.DateTimeFormat(LANGUAGE, { ...format, timeZone }).format(at);
  }
}

/** @param {Element | null} except the menu that stays open */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const menu = target.closest("details[data-menu]");
  closeMenus(target.closest(".menu-sheet a") ? null : menu);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-menu][open]");
  if (!open) return;
  closeMenus(null);
  open.querySelector("summary")?.focus();
});

/** A part that is answered from another address, such as the sign-in page, is not to be put into this page. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  if (new URL(xhr.responseURL).pathname === new URL(requestConfig.path, location.href).pathname) return;
  event.preventDefault();
  location.reload();
});

document.addEventListener("htmx:afterSwap", (event) => localizeTimes(/** @type {Element} */ (event.target)));
localizeTimes(document);
