import { type Instant, isAfter } from "../../../domain/time.ts";
import { boundary, type Period, periodAround, type Recurrence } from "./recurrence.ts";

export interface FirstPeriodTerms {
  readonly startingAt: Instant;
  readonly recurrence: Recurrence;
  /** Free until then; periods are counted from there. */
  readonly trialEndAt?: Instant | undefined;
  /** Periods are counted from there; what comes before is a stub. */
  readonly anchorAt?: Instant | undefined;
}

export type FirstPeriod =
  | { readonly kind: "whole" | "trial"; readonly anchor: Instant; readonly period: Period }
  | {
      readonly kind: "stub";
      readonly anchor: Instant;
      readonly period: Period;
      /** The whole period that the stub is the end of: its price is for all of it. */
      readonly whole: Period;
    };

/**
 * The first period of a subscription: a whole one from its start, a trial, or a stub until an agreed
 * anchor. undefined: the anchor is more than a whole period ahead (Stripe docs: Billing cycle).
 */
export function firstPeriod(terms: FirstPeriodTerms): FirstPeriod | undefined {
  const { startingAt: start, recurrence, trialEndAt, anchorAt } = terms;
  if (trialEndAt !== undefined) {
    return { kind: "trial", anchor: trialEndAt, period: { start, end: trialEndAt } };
  }
  if (anchorAt === undefined) {
    const end = boundary(start, recurrence, 1);
    return { kind: "whole", anchor: start, period: { start, end } };
  }
  const whole = periodAround(anchorAt, recurrence, start);
  if (isAfter(anchorAt, whole.end)) return undefined;
  if (whole.start.equals(start)) return { kind: "whole", anchor: anchorAt, period: whole };
  return { kind: "stub", anchor: anchorAt, period: { start, end: anchorAt }, whole };
}
