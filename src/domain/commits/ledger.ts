import { type Decimal, max, sum, toText, ZERO } from "../decimal.ts";
import { earlier, type Instant, isAfter, isBefore, Temporal } from "../time.ts";
import type { CommitType } from "./commit.ts";

/** One movement on a segment. Amounts are signed: a grant is positive, a draw-down negative. */
export interface LedgerEntry {
  readonly type: string;
  readonly segmentId: string;
  readonly amount: Decimal;
  readonly at: Instant;
  readonly invoiceId: string | null;
  /** The contract of the invoice. */
  readonly contractId: string | null;
  /** Of a rollover: the contract that it went to. */
  readonly newContractId?: string | null;
  readonly reason: string | null;
}

export interface LedgerSegment {
  readonly id: string;
  readonly amount: Decimal;
  readonly startingAt: Instant;
  readonly endingBefore: Instant;
}

export interface LedgerInput {
  readonly type: CommitType;
  readonly segments: readonly LedgerSegment[];
  /** Stored movements, and what draft invoices reserve. */
  readonly movements: readonly LedgerEntry[];
  /** Whether what is left at the end of access is lost; a postpaid commit is trued up instead. */
  readonly expires: boolean;
  /** From here on nothing burns it: access ends, and what would begin later is never granted. */
  readonly archivedAt: Instant | null;
  readonly now: Instant;
}

/** First part of the names of a commit's ledger entries. */
export const LEDGER_PREFIX = {
  PREPAID: "PREPAID_COMMIT",
  POSTPAID: "POSTPAID_COMMIT",
  CREDIT: "CREDIT",
} as const satisfies Record<CommitType, string>;

const WITHOUT_SEGMENT: ReadonlySet<string> = new Set([
  "POSTPAID_COMMIT_INITIAL_BALANCE",
  "POSTPAID_COMMIT_TRUEUP",
  "POSTPAID_COMMIT_EXPIRATION",
]);

/** A postpaid commit has one segment; the matched API does not name it where it is plain. */
export const namesSegment = ({ type }: Pick<LedgerEntry, "type">): boolean =>
  !WITHOUT_SEGMENT.has(type);

const grantType = (type: CommitType): string =>
  type === "POSTPAID" ? "POSTPAID_COMMIT_INITIAL_BALANCE" : `${LEDGER_PREFIX[type]}_SEGMENT_START`;

/**
 * Every movement up to now in order of time: grants of the segments that have started, what was
 * drawn down, given back or reserved, and what expired with a segment's end or when the commit was
 * archived. A grant comes before, an expiration after the other movements of its instant.
 */
export function ledgerEntries({
  type,
  segments,
  movements,
  expires,
  archivedAt,
  now,
}: LedgerInput): LedgerEntry[] {
  const grants: LedgerEntry[] = [];
  const expirations: LedgerEntry[] = [];
  const derived = { invoiceId: null, contractId: null, reason: null };
  for (const segment of segments) {
    if (isAfter(segment.startingAt, now)) continue;
    if (archivedAt !== null && !isBefore(segment.startingAt, archivedAt)) continue;
    const { id: segmentId, amount } = segment;
    const end =
      archivedAt === null ? segment.endingBefore : earlier(segment.endingBefore, archivedAt);
    grants.push({ ...derived, type: grantType(type), segmentId, amount, at: segment.startingAt });
    const left = amount.plus(movedOn(movements, segmentId));
    if (!expires || isAfter(end, now) || toText(left) === "0") continue;
    expirations.push({
      ...derived,
      type: `${LEDGER_PREFIX[type]}_EXPIRATION`,
      segmentId,
      amount: left.neg(),
      at: end,
    });
  }
  return [...grants, ...movements, ...expirations].sort((a, b) =>
    Temporal.Instant.compare(a.at, b.at),
  );
}

/** What can be burned now: the rest of the segments that give access now, never below 0. */
export function currentBalance({ segments, movements, now }: LedgerInput): Decimal {
  const active = segments.filter(
    ({ startingAt, endingBefore }) => !isAfter(startingAt, now) && isAfter(endingBefore, now),
  );
  return sum(active.map(({ id, amount }) => max(ZERO, amount.plus(movedOn(movements, id)))));
}

const movedOn = (movements: readonly LedgerEntry[], segmentId: string): Decimal =>
  sum(movements.filter((entry) => entry.segmentId === segmentId).map(({ amount }) => amount));
