import type Stripe from "stripe";

/** Ten percent of a line, half up, as tax apps write it onto the line itself. */
const lineTax = ({ id, amount }: Stripe.InvoiceLineItem) => ({
  id,
  tax_amounts: [
    {
      amount: Math.round(amount / 10),
      taxable_amount: amount,
      tax_rate_data: {
        display_name: "Sales tax",
        description: "Sales tax",
        jurisdiction: "US",
        inclusive: false,
        percentage: 10,
      },
    },
  ],
});

/** A tax app that computes for drafts with automatic tax, or takes it over: ten percent on every line. */
export async function writeTaxOnLines(stripe: Stripe, invoice: string): Promise<void> {
  const { data } = await stripe.invoices.listLineItems(invoice, { limit: 100 });
  await stripe.invoices.updateLines(invoice, { lines: data.map(lineTax) });
}

/** A tax app of the older kind, which adds its tax as an item beside the lines. */
export async function addTaxItem(stripe: Stripe, invoice: string, amount: number): Promise<void> {
  const { customer, currency } = await stripe.invoices.retrieve(invoice);
  await stripe.invoiceItems.create({
    invoice,
    customer: typeof customer === "string" ? customer : (customer?.id ?? ""),
    currency,
    amount,
    description: "Sales Tax",
    metadata: { avatax_document: "DOC-1" },
  });
}
