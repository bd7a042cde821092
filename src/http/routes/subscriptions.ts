import { instantText } from "../../domain/time.ts";
import { readQuantityHistory } from "../../operations/read-quantity-history.ts";
import { operationOf } from "../request-context.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const HistoryBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  subscription_id: IdField(),
});

const tags = ["contracts"];

/** How many units customers subscribe to, and since when. */
export function addSubscriptionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/getSubscriptionQuantityHistory",
    config: { codes: true },
    schema: { tags, summary: "List the quantities of a subscription over time", body: HistoryBody },
    handler: async (request) => {
      const { customer_id, contract_id, subscription_id } = request.body;
      const history = await readQuantityHistory(operationOf(request), {
        customerId: customer_id,
        contractId: contract_id,
        subscriptionId: subscription_id,
      });
      return {
        data: {
          subscription_id,
          fiat_credit_type_id: history.fiatCreditTypeId,
          history: history.entries.map(({ startingAt, quantity, unitPrice }) => ({
            starting_at: instantText(startingAt),
            data: [
              {
                quantity,
                ...(unitPrice === null
                  ? {}
                  : { unit_price: unitPrice, total: unitPrice.times(quantity) }),
              },
            ],
          })),
        },
      };
    },
  });
}
