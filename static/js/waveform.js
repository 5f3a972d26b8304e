/** The waveform: at each moment one bar per voice, in the speaker's hue, the quieter voice before the louder one. */

/**
 * @typedef {{hue: number, offsetMs: number, perSecond: number, peaks: number[]}} Track
 * @typedef {{durationMs: number, tracks: Track[]}} Waveform
 * @typedef {{hue: number, level: number}} Voice
 */

const BAR = 3; // css px
const STEP = 5; // css px from bar to bar
const SILENCE = 0.06; // of the loudest peak; below it a voice draws no bar
const AHEAD = 0.5; // opacity of what has not been played yet

/** Draws one waveform into one canvas. */
export class WaveformDrawing {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Waveform | null} waveform
   */
  constructor(canvas, waveform) {
    this.canvas = canvas;
    this.waveform = waveform;
    /** @type {Voice[][]} */
    this.bars = [];
    /** @type {Map<number, string>} */
    this.colours = new Map();
    this.quiet = "";
    this.ink = "";
    this.position = 0;
    new ResizeObserver(() => this.measure()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.measure());
  }

  /** Fit the canvas to its place, gather the peaks of each bar, and read the colours of the theme. */
  measure() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.bars = gatherBars(this.waveform, Math.floor(width / STEP));
    this.readColours();
    this.draw(this.position);
  }

  /** A custom property may be a light-dark() pair, so the colours are read where the browser has resolved them. */
  readColours() {
    const style = getComputedStyle(this.canvas);
    this.ink = style.color;
    this.quiet = style.borderTopColor;
    for (const track of this.waveform?.tracks ?? []) {
      this.canvas.dataset.hue = String(track.hue);
      this.colours.set(track.hue, style.color);
    }
    delete this.canvas.dataset.hue;
  }

  /** @param {number} position share of the meeting that has been played, from 0 to 1 */
  draw(position) {
    this.position = position;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const scale = devicePixelRatio || 1;
    const width = this.canvas.width / scale;
    const height = this.canvas.height / scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    this.bars.forEach((voices, index) => {
      context.globalAlpha = (index + 0.5) / this.bars.length <= position ? 1 : AHEAD;
      this.drawBar(context, index * STEP, height, voices);
    });
    context.globalAlpha = 1;
    context.fillStyle = this.ink;
    context.fillRect(Math.min(width - 2, Math.max(0, position * this.bars.length * STEP - 1.5)), 0, 1.5, height);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} height
   * @param {Voice[]} voices loudest first
   */
  drawBar(context, x, height, voices) {
    for (const voice of voices.length ? voices : [{ hue: -1, level: 0 }]) {
      const size = Math.max(2, voice.level * (height - 4));
      context.clearRect(x, (height - size) / 2, BAR, size);
      context.fillStyle = this.colours.get(voice.hue) ?? this.quiet;
      context.beginPath();
      context.roundRect(x, (height - size) / 2, BAR, size, BAR / 2);
      context.fill();
    }
  }
}

/**
 * @param {Waveform | null} waveform
 * @param {number} count
 * @returns {Voice[][]}
 */
function gatherBars(waveform, count) {
  const tracks = waveform?.tracks ?? [];
  const loudest = tracks.reduce((most, track) => track.peaks.reduce((a, b) => Math.max(a, b), most), 1);
  return Array.from({ length: count }, (_, index) => {
    const from = (index / count) * (waveform?.durationMs ?? 0);
    const until = ((index + 1) / count) * (waveform?.durationMs ?? 0);
    return tracks
      .map((track) => ({ hue: track.hue, level: peakBetween(track, from, until) / loudest }))
      .filter((voice) => voice.level > SILENCE)
      .sort((a, b) => b.level - a.level);
  });
}

/**
 * @param {Track} track
 * @param {number} from ms
 * @param {number} until ms
 */
function peakBetween(track, from, until) {
  const first = Math.max(0, Math.floor(((from - track.offsetMs) / 1000) * track.perSecond));
  const last = Math.ceil(((until - track.offsetMs) / 1000) * track.perSecond);
  let most = 0;
  for (let index = first; index < last && index < track.peaks.length; index += 1) {
    most = Math.max(most, track.peaks[index]);
  }
  return most;
}
