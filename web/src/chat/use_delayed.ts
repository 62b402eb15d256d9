import { useEffect, useState } from "preact/hooks";

/** True once `on` has been true for `delay` milliseconds without a break. */
export function useDelayed(on: boolean, delay: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!on) {
      setLate(false);
      return undefined;
    }
    const timer = window.setTimeout(() => setLate(true), delay);
    return () => window.clearTimeout(timer);
  }, [on, delay]);
  return on && late;
}
