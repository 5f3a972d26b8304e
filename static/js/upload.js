/** One upload with progress: XMLHttpRequest, because fetch does not tell how much has left. */

const SMOOTHING = 0.25; // share of the newest measurement in the speed
const MEASURE_MS = 500; // shorter intervals measure the buffers, not the line

/**
 * @typedef {{loaded: number, total: number, secondsLeft: number | null}} UploadProgress
 * @typedef {{status: number, body: any}} UploadAnswer status 0: the connection broke; -1: stopped by the user
 */

/**
 * @param {string} url
 * @param {FormData} form
 * @param {string} csrfToken
 * @param {(progress: UploadProgress) => void} onProgress
 * @returns {{answer: Promise<UploadAnswer>, stop: () => void}}
 */
export function upload(url, form, csrfToken, onProgress) {
  const request = new XMLHttpRequest();
  const secondsLeft = speedometer();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    onProgress({ loaded, total, secondsLeft: secondsLeft(loaded, total) });
  });
  /** @type {Promise<UploadAnswer>} */
  const answer = new Promise((resolve) => {
    request.addEventListener("load", () => resolve({ status: request.status, body: readJson(request.responseText) }));
    request.addEventListener("error", () => resolve({ status: 0, body: null }));
    request.addEventListener("abort", () => resolve({ status: -1, body: null }));
  });
  request.open("POST", url);
  request.setRequestHeader("X-CSRFToken", csrfToken);
  request.setRequestHeader("Accept", "application/json");
  request.send(form);
  return { answer, stop: () => request.abort() };
}

/** @returns {(loaded: number, total: number) => number | null} */
function speedometer() {
  let at = performance.now();
  let before = 0;
  /** @type {number | null} */
  let perSecond = null;
  return (loaded, total) => {
    const elapsed = performance.now() - at;
    if (elapsed >= MEASURE_MS) {
      const now = ((loaded - before) / elapsed) * 1000;
      perSecond = perSecond === null ? now : perSecond + SMOOTHING * (now - perSecond);
      at += elapsed;
      before = loaded;
    }
    return perSecond ? (total - loaded) / perSecond : null;
  };
}

/** @param {string} text */
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
