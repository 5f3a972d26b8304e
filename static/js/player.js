/** The player: our own controls over one audio element, which stays the truth about time. */

import { clock, fill } from "./format.js";
import { WaveformDrawing } from "./waveform.js";

/** @type {Record<string, number>} seconds that a key on the position moves it */
const SEEK_KEYS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** Fires "time" while it plays or is moved, and "chosen" when somebody picked a spot on the waveform. */
export class Player extends EventTarget {
  /**
   * @param {HTMLElement} section
   * @param {number} durationMs the length of the meeting, until the audio says its own
   */
  constructor(section, durationMs) {
    super();
    this.section = section;
    this.durationMs = durationMs;
    this.audio = /** @type {HTMLAudioElement} */ (section.querySelector("#audio"));
    this.wave = part(section, "#wave");
    const peaks = JSON.parse(section.querySelector("#waveform")?.textContent || "null");
    this.drawing = new WaveformDrawing(/** @type {HTMLCanvasElement} */ (part(section, "#wave-canvas")), peaks);
    this.audio.controls = false;
    part(section, "#player-bar").hidden = false;
    this.wireAudio();
    this.wireControls();
    this.wirePosition();
    this.showState();
    this.showTime();
  }

  get nowMs() {
    // Whole milliseconds: a seek to 65.97 s may come back as 65.969999.
    return Math.round(this.audio.currentTime * 1000);
  }

  /** @param {number} ms */
  seek(ms) {
    this.audio.currentTime = Math.min(Math.max(0, ms), this.durationMs) / 1000;
    this.showTime();
  }

  /** @param {number} ms */
  playFrom(ms) {
    this.seek(ms);
    this.play();
  }

  toggle() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  play() {
    // A browser may refuse to play, or a pause may come first; the button then simply stays at "play".
    this.audio.play().catch(() => this.showState());
  }

  wireAudio() {
    const { audio } = this;
    for (const name of ["play", "pause", "ended", "volumechange"]) audio.addEventListener(name, () => this.showState());
    audio.addEventListener("play", () => this.follow());
    for (const name of ["timeupdate", "seeking"]) {
      audio.addEventListener(name, () => {
        this.showTime();
        this.dispatchEvent(new Event("time"));
      });
    }
    const takeLength = () => {
      if (Number.isFinite(audio.duration)) this.durationMs = audio.duration * 1000;
      this.showTime();
    };
    audio.addEventListener("durationchange", takeLength);
    takeLength();
    const complain = () => (part(this.section, "#audio-error").hidden = false);
    audio.addEventListener("error", complain);
    if (audio.error) complain();
  }

  wireControls() {
    const { audio, section } = this;
    part(section, "#play").addEventListener("click", () => this.toggle());
    part(section, "#mute").addEventListener("click", () => (audio.muted = !audio.muted));
    const speed = /** @type {HTMLSelectElement} */ (part(section, "#speed"));
    speed.addEventListener("change", () => (audio.playbackRate = Number(speed.value)));
    const volume = /** @type {HTMLInputElement} */ (part(section, "#volume"));
    volume.addEventListener("input", () => {
      audio.volume = Number(volume.value);
      audio.muted = audio.volume === 0;
    });
  }

  wirePosition() {
    const { wave } = this;
    const seekTo = (/** @type {PointerEvent} */ event) => {
      const box = wave.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.durationMs);
    };
    wave.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      wave.setPointerCapture(event.pointerId);
      seekTo(event);
    });
    wave.addEventListener("pointermove", (event) => wave.hasPointerCapture(event.pointerId) && seekTo(event));
    wave.addEventListener("pointerup", (event) => {
      if (!wave.hasPointerCapture(event.pointerId)) return;
      seekTo(event);
      this.dispatchEvent(new Event("chosen"));
    });
    wave.addEventListener("keydown", (event) => this.moveByKey(event));
  }

  /** @param {KeyboardEvent} event */
  moveByKey(event) {
    if (event.key in SEEK_KEYS) this.seek(this.nowMs + SEEK_KEYS[event.key] * 1000);
    else if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.seek(this.durationMs);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Move the playhead with every frame; the audio itself reports only four times a second. */
  follow() {
    const step = () => {
      if (this.audio.paused) return;
      this.drawing.draw(this.share());
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  share() {
    return this.durationMs ? this.nowMs / this.durationMs : 0;
  }

  showState() {
    const { audio, section } = this;
    const { textPlay, textPause, textMute, textUnmute } = section.dataset;
    section.dataset.playing = audio.paused ? "no" : "yes";
    section.dataset.muted = audio.muted ? "yes" : "no";
    say(part(section, "#play"), audio.paused ? textPlay : textPause);
    say(part(section, "#mute"), audio.muted ? textUnmute : textMute);
  }

  showTime() {
    const { section, wave, nowMs, durationMs } = this;
    part(section, "#now").textContent = clock(nowMs);
    part(section, "#total").textContent = clock(durationMs);
    wave.ariaValueMax = String(Math.round(durationMs / 1000));
    wave.ariaValueNow = String(Math.floor(nowMs / 1000));
    wave.ariaValueText = fill(section.dataset.textPosition, { now: clock(nowMs), total: clock(durationMs) });
    this.drawing.draw(this.share());
  }
}

/**
 * @param {HTMLElement} section
 * @param {string} selector
 * @returns {HTMLElement}
 */
function part(section, selector) {
  return /** @type {HTMLElement} */ (section.querySelector(selector));
}

/**
 * @param {HTMLElement} button
 * @param {string | undefined} words
 */
function say(button, words) {
  const place = button.querySelector("[data-words]");
  if (place) place.textContent = words ?? "";
  button.title = words ?? "";
}
