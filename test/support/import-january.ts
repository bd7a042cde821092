import type Metronome from "@metronome/sdk";

type Imported = Metronome.V1.ContractCreateHistoricalInvoicesResponse;

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const JANUARY = {
  inclusive_start_date: "2024-01-01T00:00:00Z",
  exclusive_end_date: "2024-02-01T00:00:00Z",
};

/** Terms of a contract whose January 2024 was billed elsewhere, and February is here. */
export const BILLED_FROM_FEBRUARY = {
  starting_at: "2024-01-01T00:00:00Z",
  ending_before: "2024-03-01T00:00:00Z",
  usage_statement_schedule: {
    frequency: "MONTHLY",
    invoice_generation_starting_at: "2024-02-01T00:00:00Z",
  },
} as const;

/** Imports the invoice of January with one line, of so many of the product. */
export const importJanuary = (
  metronome: Metronome,
  of: { readonly customer: string; readonly contract: string; readonly product: string },
  quantity: number,
): Promise<Imported> =>
  metronome.v1.contracts.createHistoricalInvoices({
    preview: false,
    invoices: [
      {
        customer_id: of.customer,
        contract_id: of.contract,
        credit_type_id: USD,
        ...JANUARY,
        issue_date: "2024-02-02T00:00:00Z",
        usage_line_items: [{ product_id: of.product, ...JANUARY, quantity }],
      },
    ],
  });
