import { sound } from "./store";

/** A short sound for news; silent until the agent has switched it on and touched the page once. */

let context: AudioContext | null = null;
let last = 0;

/** Plays two soft tones, at most every two seconds. */
export function chime(): void {
  if (!sound.value || Date.now() - last < 2000) return;
  last = Date.now();
  try {
    context ??= new AudioContext();
    const start = context.currentTime;
    [660, 880].forEach((pitch, at) => {
      if (!context) return;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start + at * 0.14);
      volume.gain.exponentialRampToValueAtTime(0.12, start + at * 0.14 + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + at * 0.14 + 0.25);
      tone.connect(volume).connect(context.destination);
      tone.start(start + at * 0.14);
      tone.stop(start + at * 0.14 + 0.3);
    });
  } catch {
    // No sound on this computer; the counts on the screen say the same.
  }
}
