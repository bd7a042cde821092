import type { Job } from "./job-table.ts";

/** Jobs that run beside the workers, so many of each kind. */
export interface Background {
  /** Whether a job of this kind runs here. */
  takes(job: Job): boolean;
  run(job: Job, work: Promise<void>): void;
  /** Kinds of which no more may be begun now. */
  fullKinds(): string[];
  /** Waits for all that run. */
  end(): Promise<void>;
}

/** What a background tells of its jobs. */
export interface BackgroundEvents {
  onError(job: Job, error: unknown): void;
  /** One has ended: another one of its kind may begin. */
  onEnd(): void;
}

/** Opens a background with these limits by kind. */
export function openBackground(
  limits: Readonly<Record<string, number>>,
  { onError, onEnd }: BackgroundEvents,
): Background {
  const running = new Map<Promise<void>, string>();
  return {
    takes: ({ kind }) => limits[kind] !== undefined,
    run(job, work) {
      const settled: Promise<void> = work
        .catch((error) => onError(job, error))
        .finally(() => {
          running.delete(settled);
          onEnd();
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
    async end() {
      while (running.size > 0) await Promise.all(running.keys());
    },
  };
}
