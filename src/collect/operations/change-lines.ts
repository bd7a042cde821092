import { faultPoint } from "../../platform/fault-points.ts";
import { assertLineCount } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import {
  attachItems,
  deleteInvoiceItems,
  detachItems,
  type InvoiceItemRow,
  insertInvoiceItems,
  listInvoiceItemsByIds,
  updateInvoiceItem,
} from "../store/invoice-items.ts";
import { getLines } from "../store/invoice-lines.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
import { assertEditable } from "./assert-editable.ts";
import { type ItemUpdate, toItemChanges } from "./change-invoice-item.ts";
import { assertSameCurrency } from "./create-invoice-item.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { type NewItem, toNewRows } from "./new-items.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { resolveItems } from "./resolve-items.ts";
import { checkTaxes } from "./totals/check-taxes.ts";
import type { ItemTermsRequest } from "./totals/resolve-item-terms.ts";

/** Merges into what the invoice has; the caller's own rules of metadata. */
export type MergeMetadata = (
  current: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>>;

/** Locks a draft, lets `change` work on its lines, brings its totals up to date and tells of it. */
async function editLines(
  scope: Scope,
  id: string,
  metadata: MergeMetadata,
  change: (invoice: InvoiceRow) => Promise<void>,
): Promise<WireInvoice> {
  const invoice = await lockInvoice(scope, id);
  assertEditable(scope, invoice);
  const before = await renderInvoice(scope, invoice);
  await change(invoice);
  await checkTaxes(scope, invoice, "lines");
  faultPoint("collect/lines/changed");
  const after = await refreshTotals(scope, invoice, {
    metadata: JSON.stringify(metadata(invoice.metadata)),
  });
  faultPoint("collect/lines/totalled");
  return recordInvoiceChange(scope, before, after);
}

/** A new line, or a pending item that becomes one. */
export type AddedLine = NewItem & { readonly invoiceItem?: string | undefined };

/** Adds lines in the order given, all or none. Throws 400 for the first line that cannot be. */
export const addLines = (
  scope: Scope,
  id: string,
  lines: readonly AddedLine[],
  metadata: MergeMetadata,
): Promise<WireInvoice> =>
  editLines(scope, id, metadata, async (invoice) => {
    assertLineCount(invoice.line_count, lines.length, "lines");
    const adopted = lines.flatMap((line) => line.invoiceItem ?? []);
    if (adopted.length > 0) {
      await adoptItems(scope, invoice, adopted, lines.length);
      return;
    }
    const resolved = await resolveItems(scope, lines, invoice.currency);
    for (const [index, { currency }] of resolved.entries()) {
      assertSameCurrency(
        "invoice",
        invoice,
        currency,
        lines[index]?.paramOf("price_data", "currency"),
      );
    }
    refuseFixedTaxes(invoice, lines);
    const place = { customer: invoice.customer, invoice, offset: 0 };
    const rows = await toNewRows(scope, lines, resolved, place);
    faultPoint("collect/lines/priced");
    await insertInvoiceItems(scope, rows);
  });

/** Taxes are computed here or elsewhere, not both. Throws 400. */
function refuseFixedTaxes(
  { default_tax_rates: rates }: InvoiceRow,
  lines: readonly ItemTermsRequest[],
): void {
  const fixed = lines.find(({ fixedTaxes }) => (fixedTaxes?.length ?? 0) > 0);
  if (fixed === undefined || rates.length === 0) return;
  throw refused(
    "invalid_argument",
    "The invoice has default_tax_rates: its lines cannot have tax_amounts.",
    fixed.paramOf("tax_amounts"),
  );
}

/** Puts pending items of the invoice's customer on it. */
async function adoptItems(
  scope: Scope,
  invoice: InvoiceRow,
  ids: readonly string[],
  lineCount: number,
): Promise<void> {
  if (ids.length !== lineCount) {
    throw refused(
      "invalid_argument",
      "Lines that adopt pending items and lines that are new cannot be added in one request.",
      "lines",
    );
  }
  if (new Set(ids).size !== ids.length) {
    throw refused("invalid_argument", "An invoice item is named twice.", "lines");
  }
  await lockCustomerOrDeleted(scope, invoice.customer);
  const items = new Map((await listInvoiceItemsByIds(scope, ids)).map((item) => [item.id, item]));
  for (const [index, id] of ids.entries()) {
    checkAdoption(invoice, items.get(id), id, `lines[${index}][invoice_item]`);
  }
  await attachItems(scope, invoice.id, ids, invoice.last_position);
}

function checkAdoption(
  invoice: InvoiceRow,
  item: InvoiceItemRow | undefined,
  id: string,
  param: string,
): void {
  if (item === undefined || item.customer !== invoice.customer) {
    throw refused("resource_missing", `No such invoiceitem: '${id}'`, param);
  }
  if (item.invoice !== null) {
    throw refused("invalid_argument", `The invoice item ${id} is already on an invoice.`, param);
  }
  assertSameCurrency("invoice", invoice, item.currency, param);
}

/** A subscription's own lines follow its items; an adjustment is a line beside them. */
function refuseSubscriptionLines(rows: readonly InvoiceItemRow[]): void {
  const index = rows.findIndex((row) => row.line_kind === "subscription");
  if (index < 0) return;
  throw refused(
    "invalid_argument",
    "A line of a subscription cannot be changed or removed; add an invoice item that adjusts it.",
    `lines[${index}][id]`,
  );
}

/** An update of the line with this id ("il_..."); it may depend on what the line is. */
export interface UpdatedLine {
  readonly id: string;
  readonly toUpdate: (current: InvoiceItemRow) => ItemUpdate;
}

/** Changes lines of a draft, all or none. */
export const updateLines = (
  scope: Scope,
  id: string,
  lines: readonly UpdatedLine[],
  metadata: MergeMetadata,
): Promise<WireInvoice> =>
  editLines(scope, id, metadata, async (invoice) => {
    const ids = lines.map((line) => line.id);
    const rows = await getLines(scope, invoice.id, ids, (index) => `lines[${index}][id]`);
    refuseSubscriptionLines(rows);
    const updates = rows.flatMap((row, index) => lines[index]?.toUpdate(row) ?? []);
    refuseFixedTaxes(invoice, updates);
    const changes = await toItemChanges(scope, rows, updates);
    for (const [index, row] of rows.entries()) {
      await updateInvoiceItem(scope, row.id, changes[index] ?? {});
    }
  });

export interface RemovedLine {
  readonly id: string;
  /** `delete`: gone for good; `unassign`: pending again. */
  readonly behavior: "delete" | "unassign";
}

/** Takes lines off a draft, all or none. */
export const removeLines = (
  scope: Scope,
  id: string,
  lines: readonly RemovedLine[],
  metadata: MergeMetadata,
): Promise<WireInvoice> =>
  editLines(scope, id, metadata, async (invoice) => {
    const ids = lines.map((line) => line.id);
    const rows = await getLines(scope, invoice.id, ids, (index) => `lines[${index}][id]`);
    refuseSubscriptionLines(rows);
    const idsFor = (behavior: RemovedLine["behavior"]) =>
      rows.flatMap((row, index) => (lines[index]?.behavior === behavior ? row.id : []));
    await deleteInvoiceItems(scope, idsFor("delete"));
    await detachItems(scope, idsFor("unassign"));
  });
