import type { Contract } from "../contracts/contract.ts";
import { invoiceId } from "../invoices/invoice-id.ts";
import { type Instant, type Interval, sameInstant, Temporal } from "../time.ts";
import { compareText } from "./compare-text.ts";
import type { InvoiceRequest, RatingSnapshot } from "./snapshot.ts";
import type { StatedQuantity } from "./stated-quantity.ts";

/** A request with what its type implies. */
export interface PlannedInvoice {
  readonly id: string;
  readonly type: InvoiceRequest["type"];
  readonly contractId: string;
  readonly generation: number;
  /** null for scheduled invoices. */
  readonly period: Interval | null;
  /** End of the period, or the scheduled instant. */
  readonly dueAt: Instant;
  /** What it states in place of what was metered; null: it is an invoice of ours. */
  readonly stated: readonly StatedQuantity[] | null;
  /** It has usage only. */
  readonly meteredOnly: boolean;
  /** Where the courses of its lines are read; null: nobody asks for them. */
  readonly courseAt: readonly Instant[] | null;
}

/**
 * The requests in the order in which they burn commits: earlier end first, then earlier start, then
 * the contract that was made first. Requests for the same invoice are one.
 */
export function inDueOrder({
  environmentId,
  contracts,
  requests,
}: Pick<RatingSnapshot, "environmentId" | "contracts" | "requests">): PlannedInvoice[] {
  const planned = requests.map((request) => toPlanned(environmentId, request));
  const places = new Map(contracts.map(({ id }, place) => [id, place]));
  const placeOf = ({ contractId }: PlannedInvoice): number => places.get(contractId) ?? -1;
  const unique = new Map(planned.map((invoice) => [invoice.id, invoice]));
  return [...unique.values()].sort(
    (a, b) =>
      Temporal.Instant.compare(a.dueAt, b.dueAt) ||
      Temporal.Instant.compare(startOf(a), startOf(b)) ||
      placeOf(a) - placeOf(b) ||
      compareText(a.id, b.id),
  );
}

/** Instant that the identity of the invoice is built on. */
const startOf = ({ period, dueAt }: PlannedInvoice): Instant => period?.start ?? dueAt;

function toPlanned(environmentId: string, request: InvoiceRequest): PlannedInvoice {
  const { type, contractId, generation } = request;
  const period = request.type === "USAGE" ? request.period : null;
  const dueAt = request.type === "USAGE" ? request.period.end : request.at;
  const startingAt = period?.start ?? dueAt;
  const id = invoiceId({ environmentId, contractId, type, startingAt, generation });
  const stated = request.type === "USAGE" ? (request.stated ?? null) : null;
  const meteredOnly = stated !== null || (request.type === "USAGE" && request.meteredOnly === true);
  const courseAt = request.type === "USAGE" ? (request.courseAt ?? null) : null;
  return { id, type, contractId, generation, period, dueAt, stated, meteredOnly, courseAt };
}

/**
 * Whether scheduled items at `dueAt` belong on this invoice. Where they ride on usage invoices a
 * scheduled one leaves them to the usage invoice of that end; it may be there for a true-up.
 */
export function carriesScheduledItems(
  invoice: PlannedInvoice,
  contract: Contract,
  requests: readonly InvoiceRequest[],
): boolean {
  if (invoice.meteredOnly) return false;
  if (!contract.scheduledChargesOnUsageInvoices) return invoice.type === "SCHEDULED";
  if (invoice.type === "USAGE") return true;
  return !requests.some(
    (request) =>
      request.type === "USAGE" &&
      request.contractId === contract.id &&
      sameInstant(request.period.end, invoice.dueAt),
  );
}
