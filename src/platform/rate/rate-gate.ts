import { fullBucket, pauseBucket, type TokenBucket, takeToken } from "./token-bucket.ts";

/** Time as a gate needs it. */
export interface GateTime {
  /** Milliseconds that only grow. */
  now(): number;
  wait(ms: number): Promise<void>;
}

const MAX_PAUSE_SECONDS = 60;

const realTime: GateTime = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.ceil(ms))),
};

/** Lets calls of this process through at a rate for each key, in the order in which they came. */
export interface RateGate {
  /** Resolves when a call may be made. The rate may differ from call to call: the present one holds. */
  pass(key: string, perSecond: number): Promise<void>;
  /** No call of the key passes for so long, a minute at most: its other end asked for that. */
  pause(key: string, seconds: number): void;
}

/** Opens a gate on real time, unless a test brings its own. */
export function createRateGate(time: GateTime = realTime): RateGate {
  const buckets = new Map<string, TokenBucket>();
  const queues = new Map<string, Promise<void>>();

  async function takeTurn(key: string, perSecond: number): Promise<void> {
    for (;;) {
      const now = time.now();
      const before = buckets.get(key) ?? fullBucket(perSecond, now);
      const { bucket, waitMs } = takeToken(before, perSecond, now);
      buckets.set(key, bucket);
      if (waitMs === 0) return;
      await time.wait(waitMs);
    }
  }

  return {
    pass(key, perSecond) {
      const turn = (queues.get(key) ?? Promise.resolve()).then(() => takeTurn(key, perSecond));
      queues.set(key, turn);
      return turn;
    },
    pause(key, seconds) {
      const now = time.now();
      const ms = Math.min(seconds, MAX_PAUSE_SECONDS) * 1000;
      buckets.set(key, pauseBucket(buckets.get(key) ?? fullBucket(1, now), now, ms));
    },
  };
}
