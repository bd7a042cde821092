import { importInvoices } from "../../operations/import-invoices.ts";
import { operationOf } from "../request-context.ts";
import {
  CreateHistoricalInvoicesBody,
  fromHistoricalInvoice,
} from "../schemas/historical-invoices.ts";
import type { CoreServer } from "../server.ts";
import { toInvoiceView } from "../views/invoice-view.ts";

/** Taking in invoices that were issued elsewhere. */
export function addHistoricalInvoiceRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/createHistoricalInvoices",
    config: { oneSnapshot: true },
    schema: {
      tags: ["contracts"],
      summary: "Import invoices that were issued elsewhere, or preview that",
      body: CreateHistoricalInvoicesBody,
    },
    handler: async (request) => {
      const { invoices, preview } = request.body;
      const imported = await importInvoices(
        operationOf(request),
        invoices.map(fromHistoricalInvoice),
        { preview },
      );
      const options = { skipZeroQuantityLines: false, withListPrices: false };
      return { data: imported.map((invoice) => toInvoiceView(invoice, options)) };
    },
  });
}
