import { type Decimal, dec, ONE, toText, ZERO } from "../decimal.ts";
import type { StoredStep } from "./stored-step.ts";

/** A line as far as its steps must agree with it; decimals are canonical text. */
export interface TracedLine {
  readonly lineKey: string;
  readonly type: string;
  readonly total: string;
}

/**
 * What of a line's steps does not add up, in words; empty when all does. Each step is computed once
 * more from its own numbers, and the last amount must be the line's, 0 where a maximum leaves nothing to
 * pay: an explanation that was changed, or an amount that was, is found.
 */
export function traceFaults(line: TracedLine, steps: readonly StoredStep[]): string[] {
  const faults = steps.flatMap((step, index) => {
    const expected = recomputed(step);
    if (expected === undefined) return [];
    const off = expected.amount.minus(dec(expected.stated)).abs();
    if (off.lte(tolerance(step, steps.slice(0, index)))) return [];
    return [
      `line ${line.lineKey}: step ${step.step} says ${expected.stated}, and comes to ${toText(expected.amount)}`,
    ];
  });
  const last = line.lineKey.endsWith("/beyond maximum") ? ZERO : lastAmount(steps);
  const total = line.type === "applied_commit_or_credit" ? dec(line.total).neg() : dec(line.total);
  if (last === undefined || isOwnAmount(line, last, total)) return faults;
  return [
    ...faults,
    `line ${line.lineKey}: its total is ${line.total}, and its steps come to ${toText(last)}`,
  ];
}

/**
 * A prorated price of one unit is a quotient with 12 decimals, and so is what all units cost: they may
 * differ by what is lost of either.
 */
const tolerance = (step: StoredStep, before: readonly StoredStep[]): Decimal =>
  step.step === "price" && before.some((one) => one.step === "proration")
    ? dec(step.quantity).abs().plus(ONE).times(dec("1e-12"))
    : ZERO;

/** A correction's line is a difference, which has the sign of the line itself. */
const isOwnAmount = ({ lineKey }: TracedLine, last: Decimal, total: Decimal): boolean =>
  last.eq(total) || (lineKey.startsWith("late/") && last.eq(total.neg()));

/** What a step comes to, and what it says; undefined: it computes nothing. */
function recomputed(step: StoredStep): { amount: Decimal; stated: string } | undefined {
  switch (step.step) {
    case "price":
      return { amount: dec(step.quantity).times(dec(step.unitPrice)), stated: step.amount };
    case "commit":
      return { amount: dec(step.before).minus(dec(step.amount)), stated: step.after };
    case "minimum":
      return { amount: dec(step.minimum).minus(dec(step.spent)), stated: step.amount };
    case "cpu-conversion":
      return { amount: dec(step.quantity).times(dec(step.fiatPerUnit)), stated: step.amount };
    case "true-up": {
      const left = dec(step.committed).minus(dec(step.applied));
      return { amount: left.minus(dec(step.rolledOver ?? "0")), stated: step.amount };
    }
    case "correction":
      return { amount: dec(step.due).minus(dec(step.billed)), stated: step.amount };
    default:
      return undefined;
  }
}

/** The amount of the last step that has one; undefined: none has. */
function lastAmount(steps: readonly StoredStep[]): Decimal | undefined {
  const step = steps.findLast((one) => "amount" in one);
  return step !== undefined && "amount" in step ? dec(step.amount) : undefined;
}
