import type { Job } from "./job-table.ts";

/** Resolves after `ms`, or when the signal says so. */
export const pause = (
  ms: number,
  signal: AbortSignal,
  onSleep: (wake: () => void) => void = () => {},
): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
    onSleep(done);
  });

/** Jobs that run beside the workers, so many of each kind. */
export interface Background {
  /** Whether a job of this kind runs here. */
  takes(job: Job): boolean;
  run(job: Job, work: Promise<void>): void;
  /** Kinds of which no more may be begun now. */
  fullKinds(): string[];
  /** Waits until one of them has ended, `ms` at most: then one of those who wait goes on. */
  room(ms: number, signal: AbortSignal): Promise<void>;
  /** Waits for all that run. */
  end(): Promise<void>;
}

/** Opens a background with these limits by kind; `onError` hears of work that threw. */
export function openBackground(
  limits: Readonly<Record<string, number>>,
  onError: (job: Job, error: unknown) => void,
): Background {
  const running = new Map<Promise<void>, string>();
  const sleepers = new Set<() => void>();

  function wakeOne(): void {
    const [wake] = sleepers;
    if (wake === undefined) return;
    sleepers.delete(wake);
    wake();
  }

  return {
    takes: ({ kind }) => limits[kind] !== undefined,
    run(job, work) {
      const settled: Promise<void> = work
        .catch((error) => onError(job, error))
        .finally(() => {
          running.delete(settled);
          wakeOne();
        });
      running.set(settled, job.kind);
    },
    fullKinds() {
      const counts = new Map<string, number>();
      for (const kind of running.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return [...counts]
        .filter(([kind, count]) => count >= (limits[kind] ?? 0))
        .map(([kind]) => kind);
    },
    async room(ms, signal) {
      let wake = () => {};
      await pause(ms, signal, (done) => {
        wake = done;
        sleepers.add(done);
      });
      sleepers.delete(wake);
    },
    async end() {
      while (running.size > 0) await Promise.all(running.keys());
    },
  };
}
