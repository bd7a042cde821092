import type Metronome from "@metronome/sdk";
import { DEFAULT_CONVENTIONS } from "../src/domain/conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../src/domain/credit-type.ts";
import { type Decimal, dec, sum, toText, ZERO } from "../src/domain/decimal.ts";
import { roundToMinor } from "../src/domain/money.ts";
import { parseExact } from "../src/platform/json/exact-json.ts";
import type { RunningProduct } from "./product.ts";
import type { Scenario } from "./scenario.ts";
import type { SetUp } from "./set-up.ts";

type Invoice = Metronome.V1.Customers.Invoice;

/** One invoice as both systems have it. */
export interface BilledInvoice {
  readonly customer: string;
  readonly type: string;
  /** "2026-01": the month it bills, or in which it was issued. */
  readonly month: string;
  readonly number: string;
  readonly totalCents: Decimal;
  readonly collectMinor: bigint;
  readonly collectStatus: string;
  readonly externalStatus: string;
  readonly lines: Invoice["line_items"];
}

const exact = (value: number | string): Decimal => dec(String(value));

interface InvoicePage {
  readonly data: readonly Invoice[];
  readonly next_page: string | null;
}

/** A customer's finalized invoices with every digit of their numbers, which a double would lose. */
async function* listInvoices(
  { metronome }: RunningProduct,
  customer_id: string,
): AsyncGenerator<Invoice> {
  let next_page: string | null = null;
  do {
    const query = { customer_id, status: "FINALIZED", limit: 100 };
    const response = await metronome.v1.customers.invoices
      .list(next_page === null ? query : { ...query, next_page })
      .asResponse();
    const page = parseExact(await response.text()) as InvoicePage;
    yield* page.data;
    next_page = page.next_page;
  } while (next_page !== null);
}

/** Every finalized invoice of the story, read back from both systems. */
export async function readOutcome(
  product: RunningProduct,
  { customers }: SetUp,
): Promise<BilledInvoice[]> {
  const { stripe } = product;
  const billed: BilledInvoice[] = [];
  for (const [customer, customerId] of customers) {
    for await (const invoice of listInvoices(product, customerId)) {
      const external = invoice.external_invoice;
      const collected =
        external?.invoice_id === undefined
          ? undefined
          : await stripe.invoices.retrieve(external.invoice_id);
      billed.push({
        customer,
        type: invoice.type,
        month: (invoice.start_timestamp ?? invoice.issued_at ?? "").slice(0, 7),
        number: collected?.number ?? "-",
        totalCents: exact(invoice.total),
        collectMinor: BigInt(collected?.total ?? 0),
        collectStatus: collected?.status ?? "missing",
        externalStatus: external?.external_status ?? "missing",
        lines: invoice.line_items,
      });
    }
  }
  return billed;
}

/** Quantity billed of a product, over all invoices. */
export const quantityOf = (billed: readonly BilledInvoice[], product: string): Decimal =>
  sum(
    billed
      .flatMap((invoice) => invoice.lines)
      .filter((line) => line.type === "usage" && line.name === product)
      .map((line) => exact(line.quantity ?? 0)),
  );

const usd = getCreditType(USD_CREDIT_TYPE_ID);

/** What is not as it should be, in words; empty when every figure is right. */
export function findDifferences(scenario: Scenario, billed: readonly BilledInvoice[]): string[] {
  const problems: string[] = [];
  for (const expected of scenario.expected) {
    const found = billed.filter(
      ({ customer, type, month }) =>
        customer === expected.customer && type === expected.type && month === expected.month,
    );
    if (found.length !== 1 || !found[0]?.totalCents.eq(expected.totalCents)) {
      const totals = found.map(({ totalCents }) => toText(totalCents)).join(", ") || "none";
      problems.push(
        `${expected.customer} ${expected.month}: ${expected.type} invoice of ${toText(expected.totalCents)} cents expected, found ${totals}`,
      );
    }
  }
  if (billed.length !== scenario.expected.length) {
    problems.push(`${billed.length} invoices instead of ${scenario.expected.length}`);
  }
  for (const [product, quantity] of Object.entries(scenario.quantities)) {
    const found = quantityOf(billed, product);
    if (!found.eq(quantity)) {
      problems.push(`${product}: ${toText(found)} billed, ${toText(quantity)} used`);
    }
  }
  for (const invoice of billed) {
    const rounded = roundToMinor(invoice.totalCents, usd, DEFAULT_CONVENTIONS.roundingMode);
    const name = `${invoice.customer} ${invoice.type} ${invoice.number}`;
    if (rounded !== invoice.collectMinor) {
      problems.push(`${name}: ${rounded} cents here, ${invoice.collectMinor} in Collect`);
    }
    if (invoice.collectStatus !== "paid" || invoice.externalStatus !== "PAID") {
      problems.push(`${name}: ${invoice.collectStatus} in Collect, ${invoice.externalStatus} here`);
    }
  }
  return problems;
}

export const totalOf = (billed: readonly BilledInvoice[]): Decimal =>
  billed.reduce((total, { totalCents }) => total.plus(totalCents), ZERO);
