import { servesContract } from "../commits/applicability.ts";
import { applyCommits, type SettledLine } from "../commits/apply-commits.ts";
import { toDrawDowns } from "../commits/draw-downs.ts";
import { type BurningSegment, openPurse, toBalances } from "../commits/purse.ts";
import { carryOver, type Rollover } from "../commits/rollover.ts";
import type { Contract } from "../contracts/contract.ts";
import type { RatedInvoice, UnpricedUsage } from "../invoices/invoice.ts";
import { indexUsage, type UsageIndex } from "../metering/usage-index.ts";
import { versionAt } from "../pricing/version-runs.ts";
import type { Instant } from "../time.ts";
import { type Catalog, openCatalog } from "./catalog.ts";
import { type ConversionContext, type ConvertedUnits, convertUnits } from "./convert-units.ts";
import { inInvoiceOrder } from "./line-order.ts";
import { meteredLines } from "./metered-lines.ts";
import { carriesScheduledItems, inDueOrder, type PlannedInvoice } from "./request-order.ts";
import { scheduledLines } from "./scheduled-lines.ts";
import type { RatingResult, RatingSnapshot } from "./snapshot.ts";
import { subscriptionLines } from "./subscription-lines.ts";
import { totalsOf } from "./totals.ts";
import { trueUpLines } from "./true-up-lines.ts";

/**
 * Rates the requested invoices of one customer. Pure: equal snapshots give equal results.
 *
 * The order of the steps, and why it is this one:
 *
 * 1. Invoices by due time: they share commits, and value burns in the order of time.
 * 2. Windows: the period is cut at product versions, price changes and commit edges first, so that
 *    every later step sees one price and the same payers throughout a window.
 * 3. Quantities: a metric's running value is converted, then rounded, per billing period. Rounding
 *    comes before the cut is read off, so cutting never changes a period's quantity.
 * 4. Rates: the running quantity passes through tiers before commits are looked at, so a tier is
 *    reached by use and not by payment. Subscription charges follow usage: their price needs no
 *    window, and commits pay for them after usage.
 * 5. Commits: they pay priced lines, since they hold money; prepaid value burns before postpaid. A
 *    contract takes over what the one before leaves it just before its first invoice that could burn
 *    it: by then the other one's last invoice has burned, as it was due earlier.
 * 6. Conversion: what is left of a custom pricing unit becomes money when its own commits have burned,
 *    and commits in the currency, which have paid priced lines first, may pay for that.
 * 7. Scheduled lines: after commits, which only pay for usage. True-ups when every invoice has burned
 *    its share: they bill what is left of postpaid commits.
 * 8. Totals: sums of exact lines. Nothing is rounded to minor units here; the provider edge does it.
 */
export function rateInvoices(snapshot: RatingSnapshot): RatingResult {
  const { detailed, ...result } = rateInDetail(snapshot);
  return { ...result, invoices: detailed.map(({ invoice }) => invoice) };
}

/** An invoice with what its lines were before and after commits. */
export interface DetailedInvoice {
  readonly invoice: RatedInvoice;
  readonly settled: readonly SettledLine[];
  readonly converted: ConvertedUnits;
}

export interface DetailedResult extends Omit<RatingResult, "invoices"> {
  /** As RatingResult.invoices. */
  readonly detailed: readonly DetailedInvoice[];
}

/** As rateInvoices, for breakdowns: they are read from the lines' courses. */
export function rateInDetail(snapshot: RatingSnapshot): DetailedResult {
  const catalog = openCatalog(snapshot);
  const usage = indexUsage(snapshot.rollups, snapshot.distinctCounts);
  const purse = openPurse(snapshot.commits, namedProducts(snapshot));
  const run = { snapshot, catalog, usage, purse, now: snapshot.now };
  const rollovers: Rollover[] = [];
  const burned = inDueOrder(snapshot).map((invoice) => {
    rollovers.push(...carryOver(purse, { contractId: invoice.contractId, by: invoice.dueAt }));
    return burnUsage(run, invoice);
  });
  rollovers.push(...carryOver(purse));
  const detailed = burned.map(({ settled, converted, ...usage }) => ({
    invoice: completeInvoice(run, { settled, converted, ...usage }),
    settled,
    converted,
  }));
  return { detailed, balances: toBalances(purse), rollovers };
}

interface Run {
  readonly snapshot: RatingSnapshot;
  readonly catalog: Catalog;
  readonly usage: UsageIndex;
  readonly purse: readonly BurningSegment[];
  readonly now: Instant;
}

interface BurnedUsage {
  readonly invoice: PlannedInvoice;
  readonly contract: Contract;
  readonly settled: readonly SettledLine[];
  readonly converted: ConvertedUnits;
  readonly unpriced: readonly UnpricedUsage[];
}

function burnUsage(run: Run, invoice: PlannedInvoice): BurnedUsage {
  const contract = run.catalog.getContract(invoice.contractId);
  const purse = run.purse.filter(({ commit }) => servesContract(commit, contract.id));
  const { open, unpriced } =
    invoice.period === null
      ? { open: [], unpriced: [] }
      : meteredLines(run, contract, { ...invoice, period: invoice.period }, purse);
  if (!invoice.meteredOnly) {
    const subscribed = subscriptionLines(run.catalog, contract, invoice);
    open.push(...subscribed.lines);
    unpriced.push(...subscribed.unpriced);
  }
  const settled = applyCommits(open, purse);
  const converted = convertUnits(toConversionContext(run, contract, invoice), settled, purse);
  return { invoice, contract, settled, converted, unpriced };
}

const toConversionContext = (
  { catalog }: Run,
  { fiatCreditTypeId, rateCardId }: Contract,
  { period }: PlannedInvoice,
): ConversionContext => ({
  fiatCreditTypeId,
  conversions: rateCardId === null ? [] : (catalog.getRateCard(rateCardId).conversions ?? []),
  period,
});

function completeInvoice(run: Run, burned: BurnedUsage): RatedInvoice {
  const { snapshot, catalog, purse } = run;
  const { invoice, contract, settled, converted, unpriced } = burned;
  const scheduled = carriesScheduledItems(invoice, contract, snapshot.requests)
    ? scheduledLines(catalog, contract, snapshot.commits, invoice.dueAt)
    : [];
  const { lines: settling, trueUps } =
    invoice.type === "SCHEDULED"
      ? trueUpLines(catalog, contract, purse, invoice.dueAt)
      : { lines: [], trueUps: [] };
  const billed = [...scheduled, ...settling];
  for (const line of billed) refuseForeignCreditType(contract, line.creditTypeId);
  const lines = [...inInvoiceOrder(settled), ...converted.lines, ...billed];
  return {
    id: invoice.id,
    type: invoice.type,
    customerId: snapshot.customerId,
    contractId: contract.id,
    generation: invoice.generation,
    creditTypeId: contract.fiatCreditTypeId,
    period: invoice.period,
    dueAt: invoice.dueAt,
    lines,
    ...totalsOf(lines, contract.fiatCreditTypeId),
    drawDowns: toDrawDowns([...settled, ...converted.settled], invoice.dueAt),
    trueUps,
    unpriced,
  };
}

/** What is billed as it is must be money. Sums over two currencies would be a wrong invoice. */
function refuseForeignCreditType(contract: Contract, creditTypeId: string): void {
  if (creditTypeId === contract.fiatCreditTypeId) return;
  throw new RangeError(`Contract ${contract.id} has a line in another credit type ${creditTypeId}`);
}

/** Every product by its newest name and tags. */
const namedProducts = ({ products, now }: RatingSnapshot) =>
  products.map((product) => {
    const { name, tags } = versionAt(product, now);
    return { productId: product.id, name, productTags: tags };
  });
