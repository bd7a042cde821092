import type { CreditType } from "../credit-type.ts";
import { type Decimal, toText, ZERO } from "../decimal.ts";
import { fromMinor, isWholeMinor } from "../money.ts";
import { type Instant, isBefore } from "../time.ts";

/** What a system that fetches invoices may say became of one: the words of `external_invoice`. */
export const WRITTEN_STATUSES = [
  "DRAFT",
  "FINALIZED",
  "PAID",
  "PARTIALLY_PAID",
  "UNCOLLECTIBLE",
  "VOID",
  "DELETED",
  "PAYMENT_FAILED",
  "INVALID_REQUEST_ERROR",
  "SKIPPED",
  "SENT",
  "QUEUED",
] as const;

export type WrittenStatus = (typeof WRITTEN_STATUSES)[number];

/** They say that there is no document, and why. */
const WITHOUT_DOCUMENT: ReadonlySet<string> = new Set<WrittenStatus>([
  "QUEUED",
  "SKIPPED",
  "INVALID_REQUEST_ERROR",
]);

/** After these another document may take the place of the one that was told. */
const GONE: ReadonlySet<string> = new Set<WrittenStatus>(["VOID", "DELETED"]);

/** What is told of an invoice. */
export interface WriteBack {
  readonly status: WrittenStatus;
  readonly externalId: string | null;
  /** Why there is no document. */
  readonly error: string | null;
  /** When it came to this at the other system; null: now. */
  readonly occurredAt: Instant | null;
}

/** What is known of the invoice's document before. */
export interface KnownDocument {
  readonly externalId: string | null;
  readonly externalStatus: string | null;
  /** Of when the newest write-back was; null: there was none. */
  readonly toldAt: Instant | null;
  /** Nothing was told since it was announced, or announced again. */
  readonly waits: boolean;
}

export type WriteBackDecision =
  | { readonly outcome: "apply"; readonly externalId: string | null }
  /** It tells of a time before what is known: nothing changes. */
  | { readonly outcome: "stale" }
  | { readonly outcome: "invalid" | "conflict"; readonly field: string; readonly message: string };

type Refused = Exclude<WriteBackDecision, { readonly outcome: "apply" | "stale" }>;

const refuse = (outcome: Refused["outcome"], field: string, message: string): Refused => ({
  outcome,
  field,
  message,
});

/** Whether the newest state is told, or one that was overtaken: also by the announcement that followed it. */
function isStale({ toldAt, waits }: KnownDocument, { occurredAt, status }: WriteBack): boolean {
  if (toldAt === null || occurredAt === null) return false;
  if (isBefore(occurredAt, toldAt)) return true;
  const isRepeated = !isBefore(toldAt, occurredAt) && WITHOUT_DOCUMENT.has(status);
  return waits && isRepeated && status !== "QUEUED";
}

function decideWithoutDocument(known: KnownDocument, { status, externalId, error }: WriteBack) {
  if (externalId !== null) {
    const message = `external_id must be absent: ${status} says that there is no document`;
    return refuse("invalid", "external_id", message);
  }
  if (status === "INVALID_REQUEST_ERROR" && error === null) {
    return refuse("invalid", "error", `error is required with status ${status}`);
  }
  if (known.externalId !== null && !GONE.has(known.externalStatus ?? "")) {
    const message = `The document ${known.externalId} was told of: write back its status; VOID or DELETED when it is gone`;
    return refuse("conflict", "status", message);
  }
  if (status === "QUEUED" && !known.waits) {
    const message = "Only an invoice that waits is QUEUED: retry its run to begin anew";
    return refuse("conflict", "status", message);
  }
  return { outcome: "apply", externalId: null } as const;
}

/**
 * Whether a write-back counts. One of a time before the newest that was told is passed over; a second
 * document of one invoice is refused as long as the first one stands. Pure.
 */
export function decideWriteBack(known: KnownDocument, told: WriteBack): WriteBackDecision {
  if (!WITHOUT_DOCUMENT.has(told.status) && told.error !== null) {
    const message = "error is for status INVALID_REQUEST_ERROR, SKIPPED and QUEUED";
    return refuse("invalid", "error", message);
  }
  if (isStale(known, told)) return { outcome: "stale" };
  if (WITHOUT_DOCUMENT.has(told.status)) return decideWithoutDocument(known, told);
  const externalId = told.externalId ?? known.externalId;
  if (externalId === null) {
    return refuse("invalid", "external_id", `external_id is required with status ${told.status}`);
  }
  const isOther = known.externalId !== null && known.externalId !== externalId;
  if (isOther && !GONE.has(known.externalStatus ?? "")) {
    const message = `external_id is ${known.externalId} already: an invoice has one document. Write back VOID or DELETED for that one first`;
    return refuse("conflict", "external_id", message);
  }
  return { outcome: "apply", externalId };
}

/** What the document comes to, as it was told, in the unit of the credit type. */
export interface WrittenAmounts {
  readonly total: Decimal | null;
  readonly tax: Decimal | null;
}

/** Why amounts cannot be those of a document: the field and what was expected; undefined: they can. */
export function findBrokenAmount(amounts: WrittenAmounts, creditType: CreditType) {
  if (amounts.tax !== null && amounts.total === null) {
    return { field: "total", message: "total is required with tax" };
  }
  for (const [field, amount] of Object.entries(amounts) as [string, Decimal | null][]) {
    if (amount === null || isWholeMinor(amount, creditType)) continue;
    const unit = toText(fromMinor(creditType.currency.stepMinor, creditType));
    return { field, message: `${field} must be a multiple of ${unit}, the least unit there is` };
  }
  return undefined;
}

/** In what a document differs from the rounded total that it is for, tax aside; undefined: in nothing. */
export function findDifference(
  externalId: string,
  { total, tax }: WrittenAmounts,
  expectedMinor: bigint,
  creditType: CreditType,
): string | undefined {
  const expected = fromMinor(expectedMinor, creditType);
  const found = total?.minus(tax ?? ZERO);
  if (found === undefined || found.eq(expected)) return undefined;
  return `The document ${externalId} comes to ${toText(found)} less tax instead of ${toText(expected)}. Mend it there, then write back again.`;
}
