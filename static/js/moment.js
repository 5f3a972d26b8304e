/** A moment of a meeting in the address: `#t=751.2`, in seconds, so that it can be sent to somebody. */

/** @param {number} ms */
export function momentHash(ms) {
  return `#t=${Math.round(ms / 100) / 10}`;
}

/**
 * The time that an address points at, be it a moment or a line.
 * @param {string} hash
 * @returns {number | null} ms
 */
export function readMoment(hash) {
  const moment = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
  if (moment) return Number(moment[1]) * 1000;
  if (!hash.startsWith("#line-")) return null;
  const line = document.getElementById(hash.slice(1));
  return line ? Number(line.dataset.from) : null;
}

/** @param {number} ms */
export function writeMoment(ms) {
  history.replaceState(history.state, "", momentHash(ms));
}
