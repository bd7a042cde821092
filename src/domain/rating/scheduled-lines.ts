import type { Commit } from "../commits/commit.ts";
import type { Contract, ScheduleItem } from "../contracts/contract.ts";
import { type InvoiceLine, type LineType, NO_LINE_DETAILS } from "../invoices/line.ts";
import { versionAt } from "../pricing/version-runs.ts";
import { purchaseStep } from "../recurring/purchase-step.ts";
import { type Instant, sameInstant } from "../time.ts";
import type { Catalog } from "./catalog.ts";
import { compareText } from "./compare-text.ts";

/**
 * Everything one contract has scheduled at one instant: charges first, then commit purchases, each
 * by name and id. A purchase is in the contract's currency, whatever it gives access to. Credits and
 * free commits have nothing to bill; of postpaid commits see trueUpLines.
 */
export function scheduledLines(
  catalog: Catalog,
  contract: Contract,
  commits: readonly Commit[],
  at: Instant,
): InvoiceLine[] {
  const { fiatCreditTypeId: creditTypeId } = contract;
  const charges = contract.scheduledCharges.flatMap((charge) =>
    itemsAt(charge.items, at).map((item) => toScheduledLine(catalog, "scheduled", charge, item)),
  );
  const purchases = commits
    .filter(({ type, invoiceContractId: id }) => type !== "POSTPAID" && id === contract.id)
    .flatMap((commit) =>
      itemsAt(commit.invoiceSchedule, at).map((item) =>
        toPurchaseLine(catalog, { ...commit, creditTypeId }, item),
      ),
    );
  return [...charges.sort(byNameAndKey), ...purchases.sort(byNameAndKey)];
}

/** A purchase that a recurring commit calls for shows the period it is for, unless it was edited. */
function toPurchaseLine(catalog: Catalog, commit: Commit, item: ScheduleItem): InvoiceLine {
  const line = toScheduledLine(catalog, "commit_purchase", commit, item);
  const step = commit.recurring && purchaseStep(commit.recurring);
  return step?.amount.eq(item.amount) ? { ...line, trace: [step, ...line.trace] } : line;
}

const itemsAt = (items: readonly ScheduleItem[], at: Instant): ScheduleItem[] =>
  items.filter((item) => sameInstant(item.at, at));

interface ScheduledTerms {
  readonly id: string;
  readonly name: string | null;
  readonly productId: string;
  readonly creditTypeId: string;
}

/** The line of one dated amount. */
export function toScheduledLine(
  catalog: Catalog,
  type: LineType & ("scheduled" | "commit_purchase"),
  terms: ScheduledTerms,
  item: ScheduleItem,
): InvoiceLine {
  const product = catalog.getProduct(terms.productId);
  const version = versionAt(product, item.at);
  const { id: scheduleItemId, at, quantity, unitPrice, amount } = item;
  return {
    ...NO_LINE_DETAILS,
    lineKey: `${type}/${terms.id}/${scheduleItemId}`,
    type,
    name: terms.name ?? version.name,
    creditTypeId: terms.creditTypeId,
    total: amount,
    quantity,
    unitPrice,
    productId: product.id,
    productType: product.type,
    productTags: version.tags,
    purchasedCommitId: type === "commit_purchase" ? terms.id : null,
    scheduledChargeId: type === "scheduled" ? terms.id : null,
    scheduleItemId,
    trace: [{ step: "schedule", scheduleItemId, at, quantity, unitPrice, amount }],
  };
}

const byNameAndKey = (a: InvoiceLine, b: InvoiceLine): number =>
  compareText(a.name, b.name) || compareText(a.lineKey, b.lineKey);
