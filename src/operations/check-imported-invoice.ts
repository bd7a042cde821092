import type { Contract } from "../domain/contracts/contract.ts";
import type {
  Granularity,
  ImportedInvoice,
  ImportedLine,
} from "../domain/invoices/imported-invoice.ts";
import { groupValuesKey } from "../domain/metering/group-values.ts";
import { versionAt } from "../domain/pricing/version-runs.ts";
import type { Catalog } from "../domain/rating/catalog.ts";
import {
  doOverlap,
  type Interval,
  instantText,
  isAfter,
  isBefore,
  type Temporal,
} from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { UsageInvoicePeriod } from "../store/imported-invoices.ts";

const show = ({ start, end }: Interval): string => `${instantText(start)} to ${instantText(end)}`;

const isInside = (inner: Interval, outer: Interval): boolean =>
  !isBefore(inner.start, outer.start) && !isAfter(inner.end, outer.end);

function refuseEmpty(window: Interval, path: string): void {
  if (isBefore(window.start, window.end)) return;
  throw invalid(
    `${path}.exclusive_end_date must be after inclusive_start_date`,
    `${path}.exclusive_end_date`,
  );
}

/** Refuses an invoice that is not of this contract's past. `path` names it in the request. */
export function checkImportedPeriod(
  invoice: ImportedInvoice,
  contract: Contract,
  path: string,
): void {
  const { period, creditTypeId } = invoice;
  refuseEmpty(period, path);
  if (contract.rateCardId === null) {
    throw invalid(`${path}.contract_id: the contract has no rate card`, `${path}.contract_id`);
  }
  if (creditTypeId !== contract.fiatCreditTypeId) {
    const field = `${path}.credit_type_id`;
    throw invalid(`${field} must be ${contract.fiatCreditTypeId}, the contract's currency`, field);
  }
  if (isBefore(period.start, contract.startingAt)) {
    const field = `${path}.inclusive_start_date`;
    const start = instantText(contract.startingAt);
    throw invalid(`${field} must not be before ${start}, when the contract starts`, field);
  }
  const end = contract.endingBefore;
  const field = `${path}.exclusive_end_date`;
  if (end !== null && isAfter(period.end, end)) {
    throw invalid(`${field} must not be after ${instantText(end)}, when the contract ends`, field);
  }
  const live = contract.usageSchedule.invoiceGenerationStartingAt ?? contract.startingAt;
  if (isAfter(period.end, live)) {
    throw invalid(
      `${field} must not be after ${instantText(live)}, from when the contract's invoices are generated; see usage_statement_schedule.invoice_generation_starting_at`,
      field,
    );
  }
}

/** Refuses a period of which the contract has an invoice, or that was given before in the request. */
export function checkNoOverlap(
  { period }: ImportedInvoice,
  existing: readonly UsageInvoicePeriod[],
  path: string,
): void {
  const other = existing.find((each) => each.status !== "VOID" && doOverlap(each.period, period));
  if (other === undefined) return;
  const kind = other.imported ? "imported " : "";
  throw invalid(
    `${path} overlaps the ${kind}invoice ${other.id} of ${show(other.period)}`,
    `${path}.inclusive_start_date`,
  );
}

/** Refuses lines that leave their invoice, say too much or too little, or say something twice. */
export function checkImportedLines(invoice: ImportedInvoice, path: string): void {
  const said = new Map<string, { readonly window: Interval; readonly path: string }[]>();
  for (const [index, line] of invoice.lines.entries()) {
    const place = `${path}.usage_line_items[${index}]`;
    checkLine(invoice, line, { path: place, invoicePath: path });
    const key = [line.productId, line.pricingGroupValues, line.presentationGroupValues]
      .map((part) => (typeof part === "string" ? part : groupValuesKey(part)))
      .join(" ");
    const same = said.get(key) ?? [];
    const other = same.find(({ window }) => doOverlap(window, line.window));
    if (other !== undefined) {
      throw invalid(
        `${place} overlaps ${other.path}: both are of one product and the same group values`,
        place,
      );
    }
    said.set(key, [...same, { window: line.window, path: place }]);
  }
}

function checkLine(
  invoice: ImportedInvoice,
  line: ImportedLine,
  { path, invoicePath }: { readonly path: string; readonly invoicePath: string },
): void {
  refuseEmpty(line.window, path);
  if (!isInside(line.window, invoice.period)) {
    throw invalid(
      `${path} must lie within its invoice, ${show(invoice.period)}`,
      `${path}.inclusive_start_date`,
    );
  }
  if ((line.quantity === undefined) === (line.subtotals === undefined)) {
    throw invalid(
      `${path} must have either quantity or subtotals_with_quantity`,
      `${path}.quantity`,
    );
  }
  if (line.quantity !== undefined) return;
  if (invoice.granularity === undefined) {
    throw invalid(
      `${path}.subtotals_with_quantity needs the invoice's breakdown_granularity, HOUR or DAY`,
      `${invoicePath}.breakdown_granularity`,
    );
  }
  checkSubtotals(line, invoice.granularity, `${path}.subtotals_with_quantity`);
}

const UNIT = { HOUR: "hour", DAY: "day" } as const satisfies Record<Granularity, string>;

/** The hour or day, in UTC, that an instant falls into, as far as it is within the line. */
function granuleAt(at: Temporal.Instant, granularity: Granularity, line: Interval): Interval {
  const zoned = at.toZonedDateTimeISO("UTC");
  const start = zoned.round({ smallestUnit: UNIT[granularity], roundingMode: "floor" });
  const end = start.add(granularity === "DAY" ? { days: 1 } : { hours: 1 });
  return {
    start: isBefore(start.toInstant(), line.start) ? line.start : start.toInstant(),
    end: isAfter(end.toInstant(), line.end) ? line.end : end.toInstant(),
  };
}

function checkSubtotals(line: ImportedLine, granularity: Granularity, path: string): void {
  const seen = new Map<bigint, number>();
  for (const [index, { window }] of (line.subtotals ?? []).entries()) {
    const place = `${path}[${index}]`;
    refuseEmpty(window, place);
    if (!isInside(window, line.window)) {
      throw invalid(`${place} must lie within its line, ${show(line.window)}`, place);
    }
    const granule = granuleAt(window.start, granularity, line.window);
    if (!granule.start.equals(window.start) || !granule.end.equals(window.end)) {
      throw invalid(`${place} must be one ${UNIT[granularity]}, ${show(granule)}`, place);
    }
    const before = seen.get(window.start.epochNanoseconds);
    if (before !== undefined) {
      throw invalid(`${place} is of the same ${UNIT[granularity]} as ${path}[${before}]`, place);
    }
    seen.set(window.start.epochNanoseconds, index);
  }
}

/** Refuses products that the contract does not price by use, and group values that they do not have. */
export function checkImportedProducts(
  { lines }: ImportedInvoice,
  catalog: Catalog,
  contract: Contract,
  path: string,
): void {
  const priced = new Map(catalog.usageProducts(contract).map((each) => [each.product.id, each]));
  for (const [index, line] of lines.entries()) {
    const place = `${path}.usage_line_items[${index}]`;
    const product = priced.get(line.productId)?.product;
    if (product === undefined) {
      throw invalid(
        `${place}.product_id must be a usage product on the contract's rate card`,
        `${place}.product_id`,
      );
    }
    const { pricingGroupKey, presentationGroupKey } = versionAt(product, line.window.start);
    checkKeys(line.pricingGroupValues, pricingGroupKey, `${place}.pricing_group_values`, true);
    checkKeys(
      line.presentationGroupValues,
      presentationGroupKey,
      `${place}.presentation_group_values`,
      false,
    );
  }
}

function checkKeys(
  values: Readonly<Record<string, string>>,
  keys: readonly string[],
  path: string,
  areAllNeeded: boolean,
): void {
  const unknown = Object.keys(values).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const known = keys.length === 0 ? "it has none" : `it has ${keys.join(", ")}`;
    throw invalid(
      `${path}: the product has no group key ${JSON.stringify(unknown)}, ${known}`,
      path,
    );
  }
  const missing = keys.find((key) => !Object.hasOwn(values, key));
  if (areAllNeeded && missing !== undefined) {
    throw invalid(`${path} must name ${missing}: the product is priced by it`, path);
  }
}
