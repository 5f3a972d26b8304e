/** The keys of the meeting page, and the sheet that shows them. */

/** Where a key already has a meaning of its own. */
const TYPING = "input, select, textarea, [contenteditable]";
const PRESSING = `${TYPING}, button, summary, [role=slider]`;
const MOVING = `${TYPING}, [role=tab], [role=slider]`;

/**
 * @param {HTMLDialogElement} sheet
 * @param {Record<string, () => void>} acts by name: toggle, back, on, find
 */
export function wireKeys(sheet, acts) {
  const table = {
    " ": { act: acts.toggle, except: PRESSING },
    ArrowLeft: { act: acts.back, except: MOVING },
    ArrowRight: { act: acts.on, except: MOVING },
    "/": { act: acts.find, except: TYPING },
    "?": { act: () => sheet.showModal(), except: TYPING },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
    const entry = table[/** @type {keyof typeof table} */ (event.key)];
    const target = /** @type {Element} */ (event.target);
    if (!entry?.act || target.closest(entry.except)) return;
    event.preventDefault();
    entry.act();
  });
  for (const opener of document.querySelectorAll("[data-open-keys]")) {
    opener.addEventListener("click", () => sheet.showModal());
  }
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
}
