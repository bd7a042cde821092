import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { PlannedConnection, RouteOptions } from "../providers/provider-connection.ts";

/** The provider's document for an invoice, or why there is none; tax that it does not take is refused. */
export function planDocument(
  provider: AnyProvider,
  invoice: DeliverableInvoice,
  options: RouteOptions,
  connection: PlannedConnection,
): ReturnType<AnyProvider["plan"]> {
  if (invoice.taxes !== undefined && provider.takesStatedTax !== true) {
    return {
      outcome: "refuse",
      code: "tax_not_taken",
      message: `Tax was stated for the invoice, and ${provider.name} takes none that was calculated elsewhere. Take it back (DELETE /v1/invoices/${invoice.id}/tax), then retry.`,
    };
  }
  return provider.plan(invoice, options, connection);
}
