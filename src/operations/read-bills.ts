import type { CoreDb } from "../db/database.ts";
import { type CreditType, getCreditType } from "../domain/credit-type.ts";
import { type BillDates, billDates } from "../domain/integrations/bill-dates.ts";
import { type BillLine, toBillLines } from "../domain/integrations/bill-line.ts";
import type { Product } from "../domain/pricing/product.ts";
import { instant } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { type AccountDetails, listAccountDetails } from "../store/account-details.ts";
import { type BillCalculation, listLastCalculations } from "../store/bill-calculations.ts";
import { type BillDetails, listBillDetails } from "../store/bill-details.ts";
import {
  type BillFilter,
  findLatestBill,
  getBill as getBillRecord,
  issueTimeOf,
  listBills as listBillRecords,
} from "../store/bills.ts";
import { listContractDetails } from "../store/contract-details.ts";
import { listBillingRhythms } from "../store/contract-list.ts";
import type { ContractRow } from "../store/contracts.ts";
import { getCustomer } from "../store/customers.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import { getOrganizationSettings } from "../store/organization-settings.ts";
import { listProducts, toProduct } from "../store/products.ts";
import type { OperationContext } from "./context.ts";
import { detailInvoices, type InvoiceDetail } from "./read-invoices.ts";

/** An invoice as a bill. */
export interface Bill {
  readonly invoice: InvoiceDetail;
  readonly creditType: CreditType;
  readonly lines: readonly BillLine[];
  readonly accountCode: string | null;
  /** The contract's, else the account's. */
  readonly purchaseOrderNumber: string | null;
  readonly frequency: ContractRow["usage_frequency"];
  readonly dates: BillDates;
  /** undefined: no job ever calculated it. */
  readonly calculation: BillCalculation | undefined;
}

/**
 * A page of bills of all accounts, oldest first. Drafts are rated now: those of each account on the page
 * in one go, and never those of an account that is not on it.
 */
export async function listBills(
  ctx: OperationContext,
  filter: Omit<BillFilter, "environmentId">,
): Promise<{ rows: readonly Bill[]; next: bigint | undefined }> {
  return read(ctx, async (scope) => {
    const environmentId = ctx.environment.id;
    const found = await listBillRecords(scope.db, { ...filter, environmentId });
    const page = found.slice(0, filter.limit);
    const next = found.length > filter.limit ? page.at(-1)?.position : undefined;
    return { rows: await toBills(scope, page), next };
  });
}

/** One bill. Throws not_found, also for an invoice that is void. */
export const readBill = (ctx: OperationContext, id: string): Promise<Bill> =>
  read(ctx, async (scope) => {
    const record = await getBillRecord(scope.db, ctx.environment.id, id);
    const [bill] = await toBills(scope, [record]);
    if (bill === undefined) throw notFound("bill", id);
    return bill;
  });

/** The account's bill that began last. Throws not_found when it has none. */
export const readLatestBill = (
  ctx: OperationContext,
  accountId: string,
  now: string,
): Promise<Bill> =>
  read(ctx, async (scope) => {
    await getCustomer(scope.db, ctx.environment.id, accountId);
    const record = await findLatestBill(scope.db, ctx.environment.id, accountId, now);
    const [bill] = record === undefined ? [] : await toBills(scope, [record]);
    if (bill === undefined) throw notFound("bill of account", accountId);
    return bill;
  });

const read = <Result>(
  ctx: OperationContext,
  work: (scope: OperationContext) => Promise<Result>,
): Promise<Result> =>
  inTransaction(ctx.db, (db: CoreDb) => work({ ...ctx, db }), { oneSnapshot: true });

async function toBills(
  ctx: OperationContext,
  records: readonly InvoiceRecord[],
): Promise<readonly Bill[]> {
  const invoices = new Map<string, InvoiceDetail>();
  for (const [customerId, own] of Map.groupBy(records, (record) => record.customerId)) {
    for (const invoice of await detailInvoices(ctx, customerId, own)) {
      invoices.set(invoice.record.id, invoice);
    }
  }
  const known = await loadKnown(ctx, [...invoices.values()]);
  return records.flatMap(({ id }) => {
    const invoice = invoices.get(id);
    return invoice === undefined ? [] : [toBill(invoice, known)];
  });
}

interface Known {
  readonly products: ReadonlyMap<string, Product>;
  readonly accounts: ReadonlyMap<string, AccountDetails>;
  readonly purchaseOrders: ReadonlyMap<string, { readonly purchaseOrderNumber: string | null }>;
  readonly rhythms: ReadonlyMap<string, ContractRow["usage_frequency"]>;
  readonly calculations: ReadonlyMap<string, BillCalculation>;
  readonly details: ReadonlyMap<string, BillDetails>;
  readonly organizationDays: number | null;
}

/** What bills show beside their invoices, with a fixed number of queries. */
async function loadKnown(
  { db, environment }: OperationContext,
  invoices: readonly InvoiceDetail[],
): Promise<Known> {
  const ids = invoices.map(({ record }) => record.id);
  const contractIds = [...new Set(invoices.map(({ record }) => record.contractId))];
  const customerIds = [...new Set(invoices.map(({ record }) => record.customerId))];
  const productIds = invoices.flatMap(({ lines }) =>
    lines.flatMap(({ productId }) => productId ?? []),
  );
  const products = await listProducts(db, productIds);
  const { daysBeforeBillDue } = await getOrganizationSettings(db, environment.id);
  return {
    products: new Map(products.map((product) => [product.id, toProduct(product)])),
    accounts: await listAccountDetails(db, customerIds),
    purchaseOrders: await listContractDetails(db, contractIds),
    rhythms: await listBillingRhythms(db, contractIds),
    calculations: await listLastCalculations(db, ids),
    details: await listBillDetails(db, ids),
    organizationDays: daysBeforeBillDue,
  };
}

function toBill(invoice: InvoiceDetail, known: Known): Bill {
  const { record, lines, units } = invoice;
  const { id, contractId, customerId, startAt, endAt } = record;
  const creditType = getCreditType(record.creditTypeId);
  const account = known.accounts.get(customerId);
  const given = known.details.get(id);
  const issuedAt = issueTimeOf(record);
  const scheduledAt = instant(record.finalizeDueAt ?? issuedAt);
  return {
    invoice,
    creditType,
    lines: toBillLines({
      billId: id,
      contractId,
      creditType,
      period: {
        start: startAt === null ? scheduledAt : instant(startAt),
        end: endAt === null ? scheduledAt : instant(endAt),
      },
      lines,
      products: known.products,
      unitNames: units,
    }),
    accountCode: account?.code ?? null,
    purchaseOrderNumber:
      known.purchaseOrders.get(contractId)?.purchaseOrderNumber ??
      account?.purchaseOrderNumber ??
      null,
    frequency: known.rhythms.get(contractId) ?? "MONTHLY",
    dates: billDates({
      issuedAt,
      endAt,
      dueDate: given?.dueDate ?? null,
      externalInvoiceDate: given?.externalInvoiceDate ?? null,
      contractDays: invoice.netPaymentTermsDays,
      accountDays: account?.daysBeforeBillDue ?? null,
      organizationDays: known.organizationDays,
    }),
    calculation: known.calculations.get(id),
  };
}
