/** A short sound for news; a browser plays it only after the page was touched once. */

let context: AudioContext | null = null;
let last = 0;

/** Readies the sound while a key or button is pressed: later on the browser would refuse. */
export function unlock(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  } catch {
    // No sound on this computer; what stands on the screen says the same.
  }
}

/** Plays two soft tones, at most every two seconds. */
export function chime(): void {
  if (!context || Date.now() - last < 2000) return;
  last = Date.now();
  const start = context.currentTime;
  for (const [at, pitch] of [660, 880].entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start + at * 0.14);
    volume.gain.exponentialRampToValueAtTime(0.12, start + at * 0.14 + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + at * 0.14 + 0.25);
    tone.connect(volume).connect(context.destination);
    tone.start(start + at * 0.14);
    tone.stop(start + at * 0.14 + 0.3);
  }
}
