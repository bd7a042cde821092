import { Type } from "typebox";
import { getCreditType } from "../../domain/credit-type.ts";
import { ZERO } from "../../domain/decimal.ts";
import { fromMinor } from "../../domain/money.ts";
import type { OperationContext } from "../../operations/context.ts";
import { dropTax, readTax, stateTax } from "../../operations/state-tax.ts";
import { operationOf } from "../request-context.ts";
import { DecimalField, IdField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const tags = ["invoices"];
const params = ObjectField({ id: IdField() });
const url = "/v1/invoices/:id/tax";
/** The longest name that a tax has at a provider. */
const MAX_NAME = 50;
const MAX_TAXES = 10;

async function show(ctx: OperationContext, id: string) {
  const { creditTypeId, stated } = await readTax(ctx, id);
  const creditType = getCreditType(creditTypeId);
  const taxes = (stated?.taxes ?? []).map(({ name, percentage, amountMinor }) => ({
    tax_name: name,
    percentage,
    tax_amount: fromMinor(amountMinor, creditType),
  }));
  return {
    data: {
      invoice_id: id,
      stated_at: stated?.statedAt ?? null,
      taxes,
      total_tax_amount: taxes.reduce((total, { tax_amount: tax }) => total.plus(tax), ZERO),
    },
  };
}

/** Tax that was calculated outside, for the providers that are set to take it (docs/invoices.md). */
export function addInvoiceTaxRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Tax that was stated for an invoice", params },
    handler: async (request) => show(operationOf(request), request.params.id),
  });
  http.route({
    method: "PUT",
    url,
    config: { oneSnapshot: true },
    schema: {
      tags,
      summary:
        "State the tax of a final invoice that was calculated elsewhere, before it is delivered",
      params,
      body: ObjectField({
        taxes: Type.Array(
          ObjectField({
            tax_name: TextField({ max: MAX_NAME }),
            percentage: DecimalField({ minimum: "0", maximum: "100" }),
            tax_amount: DecimalField({ minimum: "0" }),
          }),
          { maxItems: MAX_TAXES },
        ),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { id } = request.params;
      await stateTax(
        ctx,
        id,
        request.body.taxes.map(({ tax_name: name, percentage, tax_amount: amount }) => ({
          name,
          percentage,
          amount,
        })),
      );
      return show(ctx, id);
    },
  });
  http.route({
    method: "DELETE",
    url,
    config: { oneSnapshot: true },
    schema: { tags, summary: "Take back the tax that was stated", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      await dropTax(ctx, request.params.id);
      return show(ctx, request.params.id);
    },
  });
}
