import type { CoreDb } from "../db/database.ts";
import { drawDownsOf, isLateKey, isMetered } from "../domain/invoices/billed-usage.ts";
import { type CommitLife, onFormerBalances } from "../domain/invoices/former-balances.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { withoutInvoiced } from "../domain/invoices/planned-invoices.ts";
import { type DetailedInvoice, rateInDetail } from "../domain/rating/rate-invoices.ts";
import type { RatingSnapshot, UsageInvoiceRequest } from "../domain/rating/snapshot.ts";
import { type StatedQuantity, StatedQuantityCut } from "../domain/rating/stated-quantity.ts";
import { type Instant, instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { listCommitLives } from "../store/commits.ts";
import { listItemInvoices } from "../store/draft-invoices.ts";
import { listStatedUsage } from "../store/imported-invoices.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import { listCorrectedDrawDowns } from "../store/usage-corrections.ts";
import type { OperationContext } from "./context.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";
import { periodOf } from "./period-of.ts";

/**
 * Final usage invoices of one customer as each would be if it were made again now: from usage and
 * prices as they are, what it states where it was made elsewhere, under its own conventions, on the
 * balances that it had. Each by itself, so none takes anything from another. By invoice; one whose
 * stated quantities no longer fit to the contract's prices is left out. Always the same number of
 * queries.
 */
export async function rateAnew(
  db: CoreDb,
  ctx: OperationContext,
  customerId: string,
  invoices: readonly FrozenInvoice[],
  courseAt: readonly Instant[],
): Promise<ReadonlyMap<string, DetailedInvoice>> {
  if (invoices.length === 0) return new Map();
  const imported = invoices.filter((invoice) => invoice.imported).map(({ id }) => id);
  const stated = await listStatedUsage(db, imported);
  const requests = new Map(
    invoices.map((invoice) => [invoice.id, toRequest(invoice, stated.get(invoice.id), courseAt)]),
  );
  const terms = await loadContracts(db, customerId, { includeArchived: true });
  const snapshot = await loadRatingSnapshot(db, ctx, customerId, [...requests.values()], terms);
  const contractIds = terms.contracts.map(({ id }) => id);
  const billedBy = await listItemInvoices(db, contractIds);
  const lives = await listCommitLives(db, customerId);
  const corrected = await listCorrectedDrawDowns(
    db,
    invoices.map(({ id }) => id),
  );
  const anew = new Map<string, DetailedInvoice>();
  for (const invoice of invoices) {
    const request = requests.get(invoice.id);
    assert(request !== undefined, `invoice ${invoice.id} is asked for`);
    const rated = rateOne(snapshot, invoice, request, { billedBy, lives, corrected });
    if (rated !== undefined) anew.set(invoice.id, rated);
  }
  return anew;
}

const toRequest = (
  invoice: FrozenInvoice,
  stated: readonly StatedQuantity[] | undefined,
  courseAt: readonly Instant[],
): UsageInvoiceRequest => ({
  type: "USAGE",
  contractId: invoice.contractId,
  generation: invoice.generation,
  period: periodOf(invoice),
  courseAt,
  ...(stated === undefined ? {} : { stated }),
});

interface History {
  /** The invoice that bills each scheduled item. */
  readonly billedBy: ReadonlyMap<string, string>;
  readonly lives: ReadonlyMap<string, CommitLife>;
  /** What corrected invoices and their corrections took for usage, by invoice. */
  readonly corrected: ReadonlyMap<string, readonly DrawDown[]>;
}

function rateOne(
  snapshot: RatingSnapshot,
  { id, content, finalizedAt }: FrozenInvoice,
  request: UsageInvoiceRequest,
  { billedBy, lives, corrected }: History,
): DetailedInvoice | undefined {
  assert(finalizedAt !== null, `invoice ${id} is final`);
  const burned = burnedBy(content.lines, request.period.end, corrected.get(id));
  const others = [...billedBy].filter(([, invoiceId]) => invoiceId !== id);
  const { commits, ...terms } = withoutInvoiced(
    snapshot,
    new Set(others.map(([itemId]) => itemId)),
  );
  try {
    const { detailed } = rateInDetail({
      ...terms,
      conventions: content.conventions,
      commits: onFormerBalances(commits, burned, instant(finalizedAt), lives),
      requests: [request],
    });
    return detailed[0];
  } catch (error) {
    if (error instanceof StatedQuantityCut) return undefined;
    throw error;
  }
}

/** What an invoice and its corrections took of commits; what it carries of other invoices is theirs. */
function burnedBy(
  lines: readonly InvoiceLine[],
  at: Instant,
  corrected: readonly DrawDown[] | undefined,
): DrawDown[] {
  const own = lines.filter(({ lineKey }) => !isLateKey(lineKey));
  if (corrected === undefined) return drawDownsOf(own, at);
  return [
    ...corrected,
    ...drawDownsOf(
      own.filter((line) => !isMetered(line)),
      at,
    ),
  ];
}
