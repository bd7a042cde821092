import { type Instant, isAfter } from "../../../domain/time.ts";

/** A place in the calendar; what is not said is as at the subscription's start. */
export interface AnchorConfig {
  /** 1 to 31; a missing day becomes the last of its month. */
  readonly dayOfMonth: number;
  /** For yearly prices: 1 to 12. */
  readonly month?: number | undefined;
  readonly hour?: number | undefined;
  readonly minute?: number | undefined;
  readonly second?: number | undefined;
}

/** The first instant after `now` in that place (Stripe docs: `billing_cycle_anchor_config`), UTC. */
export function anchorFromConfig(config: AnchorConfig, now: Instant): Instant {
  const start = now
    .toZonedDateTimeISO("UTC")
    .round({ smallestUnit: "second", roundingMode: "floor" });
  const { dayOfMonth: day, month = start.month } = config;
  const { hour = start.hour, minute = start.minute, second = start.second } = config;
  const step = config.month === undefined ? "months" : "years";
  // Counted from the 1st, so that a short month does not shift the months after it.
  const first = start.with({ day: 1, month, hour, minute, second });
  for (let n = 0; ; n += 1) {
    const at = first
      .add({ [step]: n })
      .with({ day }, { overflow: "constrain" })
      .toInstant();
    if (isAfter(at, now)) return at;
  }
}
