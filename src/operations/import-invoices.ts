import type { CoreTransaction } from "../db/database.ts";
import { type ImportedInvoice, statedQuantities } from "../domain/invoices/imported-invoice.ts";
import type { RatedInvoice } from "../domain/invoices/invoice.ts";
import { groupValuesKey } from "../domain/metering/group-values.ts";
import { openCatalog } from "../domain/rating/catalog.ts";
import { rateInvoices } from "../domain/rating/rate-invoices.ts";
import type { RatingSnapshot, UsageInvoiceRequest } from "../domain/rating/snapshot.ts";
import { type StatedQuantity, StatedQuantityCut } from "../domain/rating/stated-quantity.ts";
import { instantText, isBefore } from "../domain/time.ts";
import { AppError, assert, invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { freezeInvoice, insertDrawDowns, takeInvoicingTurns } from "../store/freeze-invoice.ts";
import {
  insertImportedDraft,
  listUsageInvoicePeriods,
  type UsageInvoicePeriod,
} from "../store/imported-invoices.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import { loadContracts } from "../store/rating-inputs.ts";
import {
  checkImportedLines,
  checkImportedPeriod,
  checkImportedProducts,
  checkNoOverlap,
} from "./check-imported-invoice.ts";
import type { OperationContext } from "./context.ts";
import { loadRatingSnapshot } from "./load-rating-snapshot.ts";
import { detailInvoices, type InvoiceDetail } from "./read-invoices.ts";
import { requestThresholdEvaluation } from "./request-threshold-evaluation.ts";
import { setCustomFields } from "./set-custom-fields.ts";
import { settleRollovers } from "./settle-rollovers.ts";
import { tryOut } from "./try-out.ts";

/** An invoice of the request, with its place in it: "invoices[2]". */
interface Asked {
  readonly invoice: ImportedInvoice;
  readonly path: string;
}

/**
 * Takes in invoices that were issued elsewhere: quantities are as they say, amounts and what they
 * burn of commits and credits follow from the contract, and they are final at once. All of them, or
 * none. They are never sent to a provider, and no webhook tells of them: the customer has them. With
 * `preview` everything is done, answered, and taken back. Throws AppError (invalid) with the place
 * of what is wrong.
 */
export async function importInvoices(
  ctx: OperationContext,
  invoices: readonly ImportedInvoice[],
  { preview }: { readonly preview: boolean },
): Promise<InvoiceDetail[]> {
  const asked = invoices.map((invoice, index) => ({ invoice, path: `invoices[${index}]` }));
  const customerIds = [...new Set(invoices.map(({ customerId }) => customerId))].toSorted();
  return inTransaction(
    ctx.db,
    async (tx) => {
      refuseUnknown(await takeInvoicingTurns(tx, ctx.environment.id, customerIds), asked);
      return tryOut(tx, preview, async () => {
        const byInvoice = new Map<ImportedInvoice, InvoiceDetail>();
        for (const customerId of customerIds) {
          const own = asked.filter(({ invoice }) => invoice.customerId === customerId);
          const details = await importForCustomer(tx, ctx, customerId, own);
          for (const [index, { invoice }] of own.entries()) {
            const detail = details[index];
            if (detail !== undefined) byInvoice.set(invoice, detail);
          }
        }
        faultPoint("import-invoices/posted");
        return invoices.flatMap((invoice) => byInvoice.get(invoice) ?? []);
      });
    },
    { oneSnapshot: true },
  );
}

function refuseUnknown(known: ReadonlySet<string>, asked: readonly Asked[]): void {
  const stranger = asked.find(({ invoice }) => !known.has(invoice.customerId));
  if (stranger === undefined) return;
  const field = `${stranger.path}.customer_id`;
  throw invalid(`${field}: there is no customer ${stranger.invoice.customerId}`, field);
}

async function importForCustomer(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  asked: readonly Asked[],
): Promise<InvoiceDetail[]> {
  const scope = { ...ctx, db: tx };
  await settleRollovers(tx, scope, customerId);
  const requests = await checkAgainstContracts(tx, customerId, asked);
  const snapshot = await loadRatingSnapshot(
    tx,
    scope,
    customerId,
    requests.map(({ request }) => request),
  );
  checkProducts(snapshot, asked);
  const rated = rate(snapshot, requests);
  const records = new Map<string, InvoiceRecord>();
  for (const one of rated) records.set(one.rated.id, await store(tx, scope, snapshot, one));
  await settleRollovers(tx, scope, customerId);
  await requestThresholdEvaluation(tx, scope, customerId);
  const ids = new Map(rated.map((one) => [one.asked.invoice, one.rated.id]));
  const ordered = asked.flatMap(({ invoice }) => records.get(ids.get(invoice) ?? "") ?? []);
  return detailInvoices(scope, customerId, ordered);
}

interface AskedRequest extends Asked {
  readonly request: UsageInvoiceRequest;
  /** Where in the request each quantity stands. */
  readonly places: ReadonlyMap<StatedQuantity, string>;
}

/** Refuses what does not fit the customer's contracts and invoices. */
async function checkAgainstContracts(
  tx: CoreTransaction,
  customerId: string,
  asked: readonly Asked[],
): Promise<AskedRequest[]> {
  const { contracts } = await loadContracts(tx, customerId);
  const contractIds = asked.map(({ invoice }) => invoice.contractId);
  const existing = await listUsageInvoicePeriods(tx, contractIds);
  const taken: UsageInvoicePeriod[] = [...existing];
  return asked.map(({ invoice, path }) => {
    const { contractId, period } = invoice;
    const contract = contracts.find(({ id }) => id === contractId);
    if (contract === undefined) {
      const field = `${path}.contract_id`;
      throw invalid(`${field} must be a contract of the customer that is not archived`, field);
    }
    checkImportedPeriod(invoice, contract, path);
    const own = taken.filter((other) => other.contractId === contractId);
    checkNoOverlap(invoice, own, path);
    checkImportedLines(invoice, path);
    const same = own.filter(({ period: { start } }) => start.equals(period.start));
    const generation = Math.max(-1, ...same.map((other) => other.generation)) + 1;
    taken.push({
      id: `of ${path}`,
      contractId,
      period,
      status: "FINALIZED",
      generation,
      imported: true,
    });
    const places = new Map(
      invoice.lines.flatMap((line, index) =>
        statedQuantities(line).map((stated, part): [StatedQuantity, string] => [
          stated,
          `${path}.usage_line_items[${index}]${line.subtotals === undefined ? "" : `.subtotals_with_quantity[${part}]`}`,
        ]),
      ),
    );
    const stated = [...places.keys()];
    const request = { type: "USAGE" as const, contractId, period, generation, stated };
    return { invoice, path, request, places };
  });
}

function checkProducts(snapshot: RatingSnapshot, asked: readonly Asked[]): void {
  const catalog = openCatalog(snapshot);
  for (const { invoice, path } of asked) {
    checkImportedProducts(invoice, catalog, catalog.getContract(invoice.contractId), path);
  }
}

interface Rated {
  readonly asked: AskedRequest;
  readonly rated: RatedInvoice;
}

/** In the order in which they burn commits. */
function rate(snapshot: RatingSnapshot, requests: readonly AskedRequest[]): Rated[] {
  const places = new Map(requests.flatMap((request) => [...request.places]));
  try {
    return rateInvoices(snapshot).invoices.map((rated) => {
      const asked = requests.find(
        ({ request: { contractId, period } }) =>
          contractId === rated.contractId && rated.period?.start.equals(period.start),
      );
      assert(asked !== undefined, `imported invoice ${rated.id} was asked for`);
      refuseUnpriced(rated, asked);
      return { asked, rated };
    });
  } catch (error) {
    if (!(error instanceof StatedQuantityCut)) throw error;
    const place = places.get(error.stated) ?? "invoices";
    throw invalid(
      `${place}: the price of the product, or what pays for it, changes at ${instantText(error.at)}; give what was used before and after it apart`,
      place,
    );
  }
}

function refuseUnpriced({ unpriced }: RatedInvoice, { places }: AskedRequest): void {
  const [first] = unpriced;
  if (first === undefined) return;
  const key = groupValuesKey(first.pricingGroupValues);
  const at = [...places].find(
    ([{ productId, pricingGroupValues, window }]) =>
      productId === first.productId &&
      groupValuesKey(pricingGroupValues) === key &&
      !isBefore(window.start, first.startingAt) &&
      isBefore(window.start, first.endingBefore),
  );
  const place = at?.[1] ?? "invoices";
  throw invalid(
    `${place}: the contract has no price for product ${first.productId} with ${JSON.stringify(first.pricingGroupValues)} from ${instantText(first.startingAt)} to ${instantText(first.endingBefore)}`,
    place,
  );
}

async function store(
  tx: CoreTransaction,
  ctx: OperationContext,
  snapshot: RatingSnapshot,
  { asked: { invoice, request, path }, rated }: Rated,
): Promise<InvoiceRecord> {
  const environmentId = ctx.environment.id;
  const now = instantText(ctx.now);
  await insertImportedDraft(tx, rated, invoice, { environmentId, createdAt: now });
  await atPlace(path, () => setCustomFields(tx, ctx, "invoice", rated.id, invoice.customFields));
  const frozen = await freezeInvoice(tx, {
    rated,
    usageInputs: [],
    statedUsage: request.stated ?? [],
    customFields: await loadInvoiceCustomFields(tx, environmentId, [rated]),
    conventions: snapshot.conventions,
    issuedAt: instantText(invoice.issuedAt),
    finalizedAt: now,
  });
  await insertDrawDowns(tx, rated);
  return frozen;
}

/** What is refused of one invoice of the request is refused with the invoice's place. */
async function atPlace(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.field === undefined) throw error;
    const { kind, code, message, field } = error;
    throw new AppError(kind, code, `${path}.${message}`, { field: `${path}.${field}` });
  }
}
