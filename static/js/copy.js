/** Buttons that copy a text of the page; where a page may not do that, they stay away. */

/** @param {Element} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.textContent ?? "");
    return true;
  } catch {
    // The reader can still copy what is selected.
    getSelection()?.selectAllChildren(text);
    return false;
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) continue;
  const text = document.getElementById(button.dataset.copy ?? "");
  button.hidden = !text;
  button.addEventListener("click", async () => {
    if (text && (await copy(text))) button.textContent = button.dataset.copied ?? "";
  });
}
