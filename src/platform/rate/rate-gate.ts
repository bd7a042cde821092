import type { SharedSlots } from "./shared-slots.ts";
import { type Lease, leaseSize, mayUse } from "./slot-lease.ts";
import { fullBucket, pauseBucket, type TokenBucket, takeToken } from "./token-bucket.ts";

/** Time as a gate needs it. */
export interface GateTime {
  /** Milliseconds that only grow. */
  now(): number;
  wait(ms: number): Promise<void>;
}

const MAX_PAUSE_SECONDS = 60;
/** Who waited longer than this for slots looks whether a pause has begun meanwhile. */
const LONG_WAIT_MS = 100;

const realTime: GateTime = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.ceil(ms))),
};

/** Lets calls through at a rate for each key, those of this process in the order in which they came. */
export interface RateGate {
  /** Resolves when a call may be made. The rate may differ from call to call: the present one holds. */
  pass(key: string, perSecond: number): Promise<void>;
  /** No call of the key passes for so long, a minute at most: its other end asked for that. */
  pause(key: string, seconds: number): Promise<void>;
}

export interface GateParts {
  /** What other processes share with this one; left out, it has the rate to itself. */
  readonly slots?: SharedSlots;
  /** Real time, unless a test brings its own. */
  readonly time?: GateTime;
}

/** What a process knows of a key. */
interface Lane {
  bucket: TokenBucket;
  /** Slots that are held of those that all processes share. */
  lease: Lease | undefined;
  /** What comes after a pause begins with one call, not with a burst. */
  resumes: boolean;
  waiting: number;
  queue: Promise<void>;
}

/** Opens a gate. */
export function createRateGate({ slots, time = realTime }: GateParts = {}): RateGate {
  const lanes = new Map<string, Lane>();

  function laneOf(key: string, perSecond: number): Lane {
    const found = lanes.get(key);
    if (found !== undefined) return found;
    const bucket = fullBucket(perSecond, time.now());
    const queue = Promise.resolve();
    const lane = { bucket, lease: undefined, resumes: false, waiting: 0, queue };
    lanes.set(key, lane);
    return lane;
  }

  /** Takes as many slots as are wanted together, and waits until they begin. */
  async function renewLease(
    shared: SharedSlots,
    key: string,
    perSecond: number,
    lane: Lane,
  ): Promise<void> {
    const { waiting, resumes } = lane;
    const count = resumes ? 1 : leaseSize(lane.lease, { perSecond, waiting, now: time.now() });
    const waitMs = await shared.reserve(key, perSecond, count);
    const from = time.now() + waitMs;
    if (waitMs > 0) await time.wait(waitMs);
    const isPaused = waitMs > LONG_WAIT_MS && (await shared.pausedFor(key)) > 0;
    lane.lease = isPaused ? undefined : { from, count, left: count };
    lane.resumes = isPaused;
  }

  /** A slot of those that all processes share: they begin at the rate, however late our timers are. */
  async function takeSlot(
    shared: SharedSlots,
    key: string,
    perSecond: number,
    lane: Lane,
  ): Promise<void> {
    for (;;) {
      const now = time.now();
      const pausedMs = lane.bucket.pausedUntil - now;
      if (pausedMs > 0) await time.wait(pausedMs);
      else if (lane.lease === undefined || !mayUse(lane.lease, now)) {
        await renewLease(shared, key, perSecond, lane);
      } else {
        lane.lease.left -= 1;
        return;
      }
    }
  }

  async function takeOwn(perSecond: number, lane: Lane): Promise<void> {
    for (;;) {
      const { bucket, waitMs } = takeToken(lane.bucket, perSecond, time.now());
      lane.bucket = bucket;
      if (waitMs === 0) return;
      await time.wait(waitMs);
    }
  }

  return {
    pass(key, perSecond) {
      const lane = laneOf(key, perSecond);
      lane.waiting += 1;
      const turn = lane.queue
        .then(() =>
          slots === undefined ? takeOwn(perSecond, lane) : takeSlot(slots, key, perSecond, lane),
        )
        .finally(() => {
          lane.waiting -= 1;
        });
      // One that could reserve nothing fails alone.
      lane.queue = turn.catch(() => {});
      return turn;
    },
    async pause(key, seconds) {
      const ms = Math.min(seconds, MAX_PAUSE_SECONDS) * 1000;
      const lane = laneOf(key, 1);
      lane.bucket = pauseBucket(lane.bucket, time.now(), ms);
      lane.lease = undefined;
      lane.resumes = true;
      await slots?.pause(key, ms);
    },
  };
}
