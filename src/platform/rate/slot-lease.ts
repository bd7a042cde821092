import { capacityOf } from "./token-bucket.ts";

/** Slots that a process holds of a shared rate. In milliseconds. */
export interface Lease {
  /** When the first of them begins. */
  readonly from: number;
  readonly count: number;
  left: number;
}

/**
 * How long slots are good once they have begun. Not longer, so that those of several processes do not
 * pile up: no second sees more than the rate and a fifth of it.
 */
const LIFE_MS = 100;

/** Whether a call may go now on what is held. Pure. */
export const mayUse = (lease: Lease | undefined, now: number): boolean =>
  lease !== undefined && lease.left > 0 && now < lease.from + LIFE_MS;

/**
 * How many slots to take next: one for each call that waits, and twice as many as before when those were
 * used up while they were good, a tenth of a second's worth at most. So a busy process asks ten times a
 * second, and one that calls now and then takes no slots from others. Pure.
 */
export function leaseSize(
  last: Lease | undefined,
  { perSecond, waiting, now }: { perSecond: number; waiting: number; now: number },
): number {
  const wasBusy = last !== undefined && last.left === 0 && now < last.from + LIFE_MS;
  const wanted = Math.max(1, waiting, wasBusy ? last.count * 2 : 0);
  return Math.min(wanted, Math.floor(capacityOf(perSecond)));
}
