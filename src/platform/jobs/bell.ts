/** Resolves after `ms`, or when the signal says so. */
export const pause = (
  ms: number,
  signal: AbortSignal,
  onSleep: (wake: () => void) => void = () => {},
): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
    onSleep(done);
  });

/** Wakes who waits for something to have changed. */
export interface Bell {
  /** Waits until it is rung, `ms` at most; not at all when it was rung since the last wait. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  ring(): void;
}

/** Opens a bell that nobody has rung. */
export function openBell(): Bell {
  const sleepers = new Set<() => void>();
  let wasRung = false;
  return {
    async wait(ms, signal) {
      const isOver = wasRung;
      wasRung = false;
      if (isOver) return;
      let wake = () => {};
      await pause(ms, signal, (done) => {
        wake = done;
        sleepers.add(done);
      });
      sleepers.delete(wake);
    },
    ring() {
      wasRung = sleepers.size === 0;
      for (const wake of sleepers) wake();
    },
  };
}
