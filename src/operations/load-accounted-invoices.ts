import { CUSTOMER_FIELD } from "../domain/accounting/customer-name.ts";
import type { AccountedInvoice } from "../domain/accounting/to-accounting-document.ts";
import { billDates } from "../domain/integrations/bill-dates.ts";
import { Temporal } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { listAccountDetails } from "../store/account-details.ts";
import { listBillDetails } from "../store/bill-details.ts";
import { listCustomerNames } from "../store/customers.ts";
import { loadInvoiceCustomFields } from "../store/invoice-custom-fields.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import { getOrganizationSettings } from "../store/organization-settings.ts";
import type { OperationContext } from "./context.ts";

/** Invoices for the books, and the custom fields of their products, by product id and key, as they are now. */
export interface AccountedInvoices {
  readonly invoices: readonly AccountedInvoice[];
  readonly productFields: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Adds to final invoices what the books need of their customers and terms, with a fixed number of queries.
 * Names and codes are the present ones: they say where an invoice is booked, not what it bills.
 */
export async function loadAccountedInvoices(
  { db, environment }: OperationContext,
  invoices: readonly FrozenInvoice[],
  netTermsDays: number,
): Promise<AccountedInvoices> {
  const customerIds = [...new Set(invoices.map(({ customerId }) => customerId))];
  const names = await listCustomerNames(db, customerIds);
  const accounts = await listAccountDetails(db, customerIds);
  const given = await listBillDetails(
    db,
    invoices.map(({ id }) => id),
  );
  const { daysBeforeBillDue } = await getOrganizationSettings(db, environment.id);
  const fields = await loadInvoiceCustomFields(
    db,
    environment.id,
    invoices.map(({ content, ...record }) => ({ ...record, lines: content.lines })),
  );
  const toAccounted = ({ content, ...record }: FrozenInvoice): AccountedInvoice => {
    const { id, customerId, creditTypeId, issuedAt } = record;
    assert(issuedAt !== null, `invoice ${id} is final and was never issued`);
    const { billDate, dueDate } = billDates({
      issuedAt,
      endAt: record.endAt,
      dueDate: given.get(id)?.dueDate ?? null,
      externalInvoiceDate: null,
      contractDays: record.netPaymentTermsDays,
      accountDays: accounts.get(customerId)?.daysBeforeBillDue ?? null,
      organizationDays: daysBeforeBillDue,
    });
    return {
      id,
      creditTypeId,
      lines: content.lines,
      conventions: content.conventions,
      customer: names.get(customerId) ?? "",
      accountingName: fields.customer?.[customerId]?.[CUSTOMER_FIELD] ?? null,
      issuedOn: billDate,
      dueOn: dueDate ?? Temporal.PlainDate.from(billDate).add({ days: netTermsDays }).toString(),
    };
  };
  return { invoices: invoices.map(toAccounted), productFields: fields.contract_product ?? {} };
}
