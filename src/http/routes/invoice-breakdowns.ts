import { Type } from "typebox";
import { instant, instantText, isBefore } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { listBreakdowns } from "../../operations/list-breakdowns.ts";
import { fromInvoiceToken, toInvoiceToken } from "../invoice-page-token.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, InstantField, ObjectField, pageQuery } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toInvoiceView } from "../views/invoice-view.ts";

const DEFAULT_LIMIT = 100;

const breakdownQuery = ObjectField({
  ...pageQuery,
  starting_on: InstantField(),
  ending_before: InstantField(),
  window_size: Type.Optional(EnumField(["HOUR", "DAY"])),
  status: Type.Optional(EnumField(["DRAFT", "FINALIZED"])),
  sort: Type.Optional(EnumField(["date_asc", "date_desc"])),
  credit_type_id: Type.Optional(IdField()),
  skip_zero_qty_line_items: Type.Optional(Type.Boolean()),
});

/** A customer's invoices by day or hour. */
export function addInvoiceBreakdownRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id/invoices/breakdowns",
    schema: {
      tags: ["invoices"],
      summary: "What of a customer's invoices falls into each day or hour of a range",
      params: ObjectField({ customer_id: IdField() }),
      querystring: breakdownQuery,
    },
    handler: async (request) => {
      const { query } = request;
      if (!isBefore(instant(query.starting_on), instant(query.ending_before))) {
        throw invalid("ending_before must be after starting_on", "ending_before");
      }
      const { breakdowns, next } = await listBreakdowns(operationOf(request), {
        customerId: request.params.customer_id,
        status: query.status,
        creditTypeId: query.credit_type_id,
        size: query.window_size ?? "DAY",
        startingOn: query.starting_on,
        endingBefore: query.ending_before,
        newestFirst: query.sort === "date_desc",
        after: fromInvoiceToken(query.next_page),
        limit: query.limit ?? DEFAULT_LIMIT,
      });
      const skipZeroQuantityLines = query.skip_zero_qty_line_items ?? false;
      const data = breakdowns.map(({ invoice, window }) => ({
        ...toInvoiceView(invoice, { skipZeroQuantityLines, withListPrices: false }),
        breakdown_start_timestamp: instantText(window.start),
        breakdown_end_timestamp: instantText(window.end),
      }));
      return {
        data: skipZeroQuantityLines ? data.filter((part) => part.line_items.length > 0) : data,
        next_page: toInvoiceToken(next),
      };
    },
  });
}
