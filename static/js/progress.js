/** While a meeting is processed: says aloud only what matters, and fetches the lines when a track is done. */

const SAY_EVERY = 25; // per cent between two announcements

/** @param {HTMLElement} voice the live region, which stands outside of what is replaced */
export function watchProgress(voice) {
  let said = stepOf(document.getElementById("progress"));
  let done = countDone();
  document.addEventListener("htmx:afterSwap", (event) => {
    const section = /** @type {HTMLElement} */ (event.target);
    if (section.id !== "progress") return;
    const step = stepOf(section);
    if (step !== said) voice.textContent = section.querySelector(".progress-head")?.textContent?.trim() ?? "";
    said = step;
    const nowDone = countDone();
    if (nowDone > done) document.getElementById("transcript")?.dispatchEvent(new Event("tertulia:tracks-done"));
    done = nowDone;
  });
}

function countDone() {
  return document.querySelectorAll("#progress .track[data-state=done]").length;
}

/** @param {HTMLElement | null} section */
function stepOf(section) {
  const whole = /** @type {HTMLProgressElement | null} */ (section?.querySelector(".progress-whole"));
  return `${section?.querySelector("h2")?.textContent} ${Math.floor((whole?.value ?? 0) / SAY_EVERY)}`;
}
