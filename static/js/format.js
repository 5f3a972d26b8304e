/** Times and numbers as people read them. */

/** The language of the page, in the variant that the reader has set in the browser. */
export const LANGUAGE = chooseLanguage();
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/**
 * A place in a meeting: 12:31, or 1:02:31 from an hour on.
 * @param {number} ms
 */
export function clock(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const rest = `${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** @param {number} count */
export function bytes(count) {
  let power = 0;
  let value = count;
  while (value >= 1000 && power < BYTE_UNITS.length - 1) {
    value /= 1000;
    power += 1;
  }
  return unit(value, BYTE_UNITS[power], power < 2 ? 0 : 1);
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (seconds < 60) return unit(Math.max(1, Math.ceil(seconds)), "second", 0);
  if (seconds < 5400) return unit(Math.round(seconds / 60), "minute", 0);
  return unit(seconds / 3600, "hour", 1);
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/**
 * Put values into a text of the markup: "{at} of {total}".
 * @param {string | undefined} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * @param {number} value
 * @param {string} name
 * @param {number} digits
 */
function unit(value, name, digits) {
  // The short word for bytes has no plural.
  const unitDisplay = name === "byte" ? "long" : "short";
  const options = { style: "unit", unit: name, unitDisplay, maximumFractionDigits: digits };
  return new Intl.NumberFormat(LANGUAGE, /** @type {Intl.NumberFormatOptions} */ (options)).format(value);
}

function chooseLanguage() {
  const page = document.documentElement.lang;
  return navigator.languages.find((language) => language.split("-")[0] === page.split("-")[0]) ?? (page || undefined);
}
