import { assert } from "../../errors.ts";
import type { Scope } from "../scope.ts";
import { toInvoice, type WireInvoice } from "../serializers/to-invoice.ts";
import { listCustomersById } from "../store/customers.ts";
import { listFirstLines } from "../store/invoice-lines.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import { listTaxRatesById } from "../store/tax-rates.ts";

/** Renders invoices with their first lines, in the order given: three queries at most, however many there are. */
export async function renderInvoices(
  scope: Scope,
  rows: readonly InvoiceRow[],
): Promise<WireInvoice[]> {
  const customers = await listCustomersById(
    scope,
    rows.map((row) => row.customer),
  );
  const lines = await listFirstLines(
    scope,
    rows.map((row) => row.id),
  );
  const taxRates = await listTaxRatesById(
    scope,
    rows.flatMap((row) => row.default_tax_rates),
  );
  return rows.map((row) => {
    const customer = customers.get(row.customer);
    assert(customer !== undefined, `invoice ${row.id} has a customer`);
    const firstLines = lines.get(row.id) ?? [];
    const { apiVersion, account, publicUrl } = scope;
    return toInvoice({ row, customer, firstLines, taxRates, apiVersion, account, publicUrl });
  });
}

/** Renders one invoice. */
export async function renderInvoice(scope: Scope, row: InvoiceRow): Promise<WireInvoice> {
  const [invoice] = await renderInvoices(scope, [row]);
  assert(invoice !== undefined, `invoice ${row.id} renders`);
  return invoice;
}
