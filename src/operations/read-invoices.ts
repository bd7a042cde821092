import type { CoreDb } from "../db/database.ts";
import type { StoredCustomFields } from "../db/tables/invoices.ts";
import type { Conventions } from "../domain/conventions.ts";
import { type Decimal, ZERO } from "../domain/decimal.ts";
import { type BillableStatus, billableStatusAt } from "../domain/invoices/billable-status.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { DEFAULT_POLICIES, type InvoicingPolicies } from "../domain/invoices/policies.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listBillableStatuses } from "../store/billable-statuses.ts";
import { listCreditedTotals } from "../store/credit-notes.ts";
import { getCustomer } from "../store/customers.ts";
import { type ExternalInvoice, listExternalInvoices } from "../store/external-invoices.ts";
import { listInvoicingParties } from "../store/invoice-contracts.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import { type InvoiceCursor, type InvoiceFilter, listInvoices } from "../store/invoice-list.ts";
import { dueTimeOf, findInvoice, type InvoiceRecord } from "../store/invoices.ts";
import { listPoliciesInForce } from "../store/invoicing-policies.ts";
import { listUnitNames } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";
import { type RatedDrafts, rateDrafts } from "./rate-drafts.ts";

/** An invoice with everything that is shown of it, computed now or frozen. */
export interface InvoiceDetail {
  readonly record: InvoiceRecord;
  readonly lines: readonly InvoiceLine[];
  readonly subtotal: Decimal;
  readonly total: Decimal;
  /** A draft has those of its environment, a finalized one those it was made with. */
  readonly conventions: Conventions;
  readonly billableStatus: BillableStatus;
  /** What credit notes have given back of it. */
  readonly credited: Decimal;
  /** What holds for the contract's invoices. */
  readonly policies: InvoicingPolicies;
  /** By entity, id and key. The invoice's own are always the present ones. */
  readonly customFields: StoredCustomFields;
  readonly netPaymentTermsDays: number | null;
  readonly external: ExternalInvoice | null;
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
}

type CustomerFilter = Omit<InvoiceFilter, "environmentId">;

/** A page of a customer's invoices. Drafts are rated now, all of them in one go. */
export async function listCustomerInvoices(
  ctx: OperationContext,
  filter: CustomerFilter,
): Promise<{ invoices: readonly InvoiceDetail[]; next: InvoiceCursor | undefined }> {
  const environmentId = ctx.environment.id;
  const read = async (db: CoreDb) => {
    await getCustomer(db, environmentId, filter.customerId);
    const { invoices, next } = await listInvoices(db, { ...filter, environmentId });
    return { invoices: await detailInvoices({ ...ctx, db }, filter.customerId, invoices), next };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

/** One invoice of the customer. Throws not found. */
export async function getCustomerInvoice(
  ctx: OperationContext,
  customerId: string,
  invoiceId: string,
): Promise<InvoiceDetail> {
  const read = async (db: CoreDb) => {
    await getCustomer(db, ctx.environment.id, customerId);
    const record = await findInvoice(db, ctx.environment.id, invoiceId);
    const found = record?.customerId === customerId ? [record] : [];
    const [detail] = await detailInvoices({ ...ctx, db }, customerId, found);
    if (detail === undefined) throw notFound("invoice", invoiceId);
    return detail;
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

/** Adds what the rows of one customer do not hold, with a fixed number of queries for any number of invoices. */
export const detailInvoices = async (
  ctx: OperationContext,
  customerId: string,
  records: readonly InvoiceRecord[],
): Promise<InvoiceDetail[]> =>
  detailRated(ctx, records, await rateWhenNeeded(ctx, customerId, records));

/** What a draft says, which is stored nowhere. */
export type DraftContent = Pick<InvoiceDetail, "lines" | "subtotal" | "total" | "conventions">;

/** As detailInvoices, for drafts that are rated already. */
export async function detailRated(
  ctx: OperationContext,
  records: readonly InvoiceRecord[],
  rated: ReadonlyMap<string, DraftContent>,
): Promise<InvoiceDetail[]> {
  const { db } = ctx;
  const environmentId = ctx.environment.id;
  const priced = records.flatMap((record) => {
    const content = record.content ?? rated.get(record.id);
    return content === undefined ? [] : [{ record, content }];
  });
  const live = await loadInvoiceCustomFields(
    db,
    environmentId,
    priced.map(({ record, content }) => ({
      ...record,
      lines: record.status === "DRAFT" ? content.lines : [],
    })),
  );
  const contractIds = [...new Set(records.map(({ contractId }) => contractId))];
  const contracts = await listInvoicingParties(db, environmentId, contractIds);
  const externals = await listExternalInvoices(
    db,
    records.map(({ id }) => id),
  );
  const units = await listUnitNames(db, environmentId);
  const [first] = records;
  const statuses = first === undefined ? [] : await listBillableStatuses(db, first.customerId);
  const policies = await listPoliciesInForce(db, contractIds);
  const credited = await listCreditedTotals(
    db,
    records.map(({ id }) => id),
  );
  return priced.map(({ record, content }) => ({
    record,
    lines: content.lines,
    subtotal: content.subtotal,
    total: content.total,
    conventions: content.conventions,
    billableStatus:
      record.status === "DRAFT"
        ? billableStatusAt(statuses, billableFrom(record))
        : record.billableStatus,
    credited: credited.get(record.id) ?? ZERO,
    policies: policies.get(record.contractId) ?? DEFAULT_POLICIES,
    customFields: record.content === null ? live : withOwn(record.content.customFields, live),
    netPaymentTermsDays:
      record.status === "DRAFT"
        ? (contracts.get(record.contractId)?.netPaymentTermsDays ?? null)
        : record.netPaymentTermsDays,
    external: externals.get(record.id) ?? null,
    units,
  }));
}

/** The instant whose billable status counts for a draft. */
const billableFrom = (record: InvoiceRecord): string =>
  record.startAt ?? dueTimeOf(record) ?? record.createdAt;

const withOwn = (frozen: StoredCustomFields, live: StoredCustomFields): StoredCustomFields => ({
  ...frozen,
  invoice: live.invoice ?? {},
});

async function rateWhenNeeded(
  ctx: OperationContext,
  customerId: string,
  records: readonly InvoiceRecord[],
): Promise<ReadonlyMap<string, DraftContent>> {
  if (!records.some(({ status }) => status === "DRAFT")) return new Map();
  return contentsOf(await rateDrafts(ctx, customerId));
}

/** What rated drafts say, by invoice. */
export function contentsOf({ drafts, snapshot }: RatedDrafts): ReadonlyMap<string, DraftContent> {
  if (snapshot === undefined) return new Map();
  const { conventions } = snapshot;
  return new Map(drafts.map(({ rated }) => [rated.id, { ...rated, conventions }]));
}
