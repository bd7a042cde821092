import { Type } from "typebox";
import { instant } from "../../domain/time.ts";
import { readContractRates } from "../../operations/read-contract-rates.ts";
import { listCustomFields } from "../../store/custom-field-values.ts";
import { listUnitNames } from "../../store/pricing-units.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { IdField, InstantField, ObjectField, pageQuery } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { isSelected, selectors } from "../schemas/rate-selectors.ts";
import type { CoreServer } from "../server.ts";
import { toAgreedSegmentView } from "../views/rate.ts";

const ContractRatesBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  at: Type.Optional(NullableField(InstantField())),
  selectors,
});

/** What contracts pay, as their overrides have it. */
export function addContractRateRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/getContractRateSchedule",
    schema: {
      tags: ["contracts"],
      summary: "List the rates that a contract is entitled to at an instant",
      querystring: ObjectField(pageQuery),
      body: ContractRatesBody,
    },
    handler: async (request) => {
      const { body, query } = request;
      const ctx = operationOf(request);
      const rates = await readContractRates(
        ctx,
        { customerId: body.customer_id, contractId: body.contract_id },
        body.at == null ? ctx.now : instant(body.at),
      );
      if (rates === undefined) return { data: [], next_page: null };
      const after = fromPageToken(query.next_page) ?? 0n;
      const found = rates.segments
        .filter((segment) => isSelected(segment, segment.product, body.selectors))
        .map((segment, n) => ({ segment, position: BigInt(n + 1) }))
        .filter(({ position }) => position > after);
      const page = toPage(found, query.limit ?? 100);
      const fields = await listCustomFields(
        ctx.db,
        ctx.environment.id,
        "contract_product",
        page.rows.map(({ segment }) => segment.product.id),
      );
      const units = await listUnitNames(ctx.db, ctx.environment.id);
      return {
        data: page.rows.map(({ segment }) =>
          toAgreedSegmentView(segment, rates.rateCardId, {
            customFields: fields.get(segment.product.id) ?? {},
            units,
          }),
        ),
        next_page: toPageToken(page.next),
      };
    },
  });
}
