import type { EventTime } from "./event-time.ts";
import type { MeteredEvent } from "./metric.ts";

/** One immutable fact about usage, as it was sent. */
export interface UsageEvent extends MeteredEvent {
  readonly transactionId: string;
  /** Id or alias, see toCustomerReference. */
  readonly customerRef: string;
  readonly at: EventTime;
  /** The properties as JSON text. */
  readonly propertiesText: string;
}

/** How long after it happened an event still counts. */
export const COUNTED_BACK_DAYS = 34;

const DAY_MS = 86_400_000;
const COUNTED_BACK_MS = COUNTED_BACK_DAYS * DAY_MS;
const AHEAD_MS = DAY_MS;

/** Events up to and including 34 days back count (Metronome docs: Send usage events). */
export const isTooOld = ({ at }: UsageEvent, nowMs: number): boolean =>
  at.epochMs < nowMs - COUNTED_BACK_MS;

/** Events more than 24 hours ahead are a fault of the sender's clock. */
export const isTooFarAhead = ({ at }: UsageEvent, nowMs: number): boolean =>
  at.epochMs > nowMs + AHEAD_MS;
