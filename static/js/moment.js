/** A moment of a meeting in the address: `#t=751.24`, in seconds, so that it can be sent to somebody. */

/**
 * Rounded up, so that the address of a line's beginning never leads to the line before it.
 * @param {number} ms
 */
export function momentHash(ms) {
  return `#t=${Math.ceil(ms / 10) / 100}`;
}

/**
 * The time that an address points at, be it a moment or a line.
 * @param {string} hash
 * @returns {number | null} ms
 */
export function readMoment(hash) {
  const moment = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
  if (moment) return Math.round(Number(moment[1]) * 1000);
  if (!hash.startsWith("#line-")) return null;
  const line = document.getElementById(hash.slice(1));
  return line ? Number(line.dataset.from) : null;
}

/** @param {number} ms */
export function writeMoment(ms) {
  history.replaceState(history.state, "", momentHash(ms));
}
