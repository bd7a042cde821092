import type { Decimal } from "../decimal.ts";

/** The subject of what is measured of the customer as a whole. */
export const WHOLE = "";

/** What was measured, and of what, as far as an alert tells it. */
export interface ReadingFacts {
  readonly spend?: Decimal;
  readonly usage?: Decimal;
  readonly invoiceTotal?: Decimal;
  readonly remainingBalance?: Decimal;
  readonly remainingPercentage?: Decimal;
  readonly remainingDays?: Decimal;
  readonly invoiceId?: string;
  /** Of a commit, or of a credit, where it is about one. */
  readonly commitId?: string;
  readonly creditId?: string;
  readonly segmentId?: string;
  readonly seatId?: string;
}

/** What an alert sees of one thing of a customer at one instant. */
export interface Reading {
  /** The invoice, segment or seat; WHOLE: the customer. */
  readonly subject: string;
  /** Whether the threshold is reached: reaching it is enough. */
  readonly isReached: boolean;
  readonly facts: ReadingFacts;
}
