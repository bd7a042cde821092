import { type Instant, isAfter, isBefore } from "../time.ts";

/** A term with dates of its own. */
export interface DatedTerm {
  readonly id: string;
  readonly startingAt: Instant;
  /** null: as long as the contract. */
  readonly endingBefore: Instant | null;
}

export interface Truncation {
  /** Begin only when the contract has ended. */
  readonly gone: readonly string[];
  /** Run when the contract ends, and end with it. */
  readonly cut: readonly string[];
}

/**
 * What an earlier end of a contract makes of its terms (Metronome API, updateEndDate: terms are
 * truncated, and do not grow again when the contract is extended). Those without an end of their own
 * follow the contract's.
 */
export function truncate(terms: readonly DatedTerm[], end: Instant): Truncation {
  const gone = terms.filter(({ startingAt }) => !isBefore(startingAt, end));
  const cut = terms.filter(
    ({ startingAt, endingBefore }) =>
      isBefore(startingAt, end) && endingBefore !== null && isAfter(endingBefore, end),
  );
  return { gone: gone.map(({ id }) => id), cut: cut.map(({ id }) => id) };
}

/**
 * The dated amounts that a contract with this end does not bill any more. An amount dated at the very
 * end is billed where charges ride on the usage invoice that ends then, and nowhere else.
 */
export const itemsBeyond = (
  items: readonly { readonly id: string; readonly at: Instant }[],
  end: Instant,
  { ridesOnUsage }: { readonly ridesOnUsage: boolean },
): string[] =>
  items
    .filter(({ at }) => (ridesOnUsage ? isAfter(at, end) : !isBefore(at, end)))
    .map(({ id }) => id);
