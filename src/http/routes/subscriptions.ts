import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { QuantityUpdate } from "../../domain/subscriptions/plan-quantities.ts";
import { instant, instantText } from "../../domain/time.ts";
import { invalid, unsupported } from "../../errors.ts";
import { readQuantityHistory } from "../../operations/read-quantity-history.ts";
import { updateSubscriptions } from "../../operations/update-subscriptions.ts";
import { operationOf } from "../request-context.ts";
import { DecimalField, IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const MAX_UPDATES = 1000;

const QuantityUpdateField = ObjectField({
  starting_at: InstantField({ onHour: true }),
  quantity: Type.Optional(DecimalField({ minimum: "0" })),
  quantity_delta: Type.Optional(DecimalField()),
});

/** Fields in which null is a wish too: they are refused whatever they say. */
const NOT_YET = [
  "update_contract_end_date",
  "update_contract_name",
  "update_net_payment_terms_days",
] as const;

/** The parts of a contract that can be edited so far: the quantities of its subscriptions. */
const EditBody = ObjectField(
  {
    customer_id: IdField(),
    contract_id: IdField(),
    update_subscriptions: Type.Array(
      ObjectField(
        {
          subscription_id: IdField(),
          quantity_updates: Type.Array(QuantityUpdateField, { minItems: 1, maxItems: MAX_UPDATES }),
        },
        {
          unsupported: {
            ending_before: null,
            proration_rounding: null,
            quantity_management_mode_update: null,
            seat_updates: null,
          },
        },
      ),
      { minItems: 1, maxItems: MAX_UPDATES },
    ),
    ...Object.fromEntries(NOT_YET.map((field) => [field, Type.Optional(Type.Unknown())])),
  },
  {
    unsupported: {
      add_billing_provider_configuration_update: null,
      add_commits: [],
      add_credits: [],
      add_discounts: [],
      add_overrides: [],
      add_prepaid_balance_threshold_configuration: null,
      add_professional_services: [],
      add_recurring_commits: [],
      add_recurring_credits: [],
      add_reseller_royalties: [],
      add_revenue_system_configuration_update: null,
      add_scheduled_charges: [],
      add_spend_threshold_configuration: null,
      add_spend_trackers: [],
      add_subscriptions: [],
      allow_contract_ending_before_finalized_invoice: true,
      archive_commits: [],
      archive_credits: [],
      archive_scheduled_charges: [],
      archive_spend_trackers: [],
      remove_overrides: [],
      uniqueness_key: null,
      update_commits: [],
      update_credits: [],
      update_prepaid_balance_threshold_configuration: null,
      update_recurring_commits: [],
      update_recurring_credits: [],
      update_scheduled_charges: [],
      update_spend_threshold_configuration: null,
    },
  },
);

const HistoryBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  subscription_id: IdField(),
});

function fromUpdate(body: Static<typeof QuantityUpdateField>, path: string): QuantityUpdate {
  const { quantity, quantity_delta: delta } = body;
  const startingAt = instant(body.starting_at);
  if (quantity !== undefined && delta === undefined) return { startingAt, quantity: dec(quantity) };
  if (quantity === undefined && delta !== undefined) return { startingAt, delta: dec(delta) };
  throw invalid(`${path} must have either quantity or quantity_delta`, path);
}

const tags = ["contracts"];

/** How many units customers subscribe to, and since when. */
export function addSubscriptionRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/contracts/edit",
    config: { codes: true },
    schema: { tags, summary: "Change quantities of a contract's subscriptions", body: EditBody },
    handler: async (request) => {
      const { customer_id, contract_id, update_subscriptions } = request.body;
      for (const field of NOT_YET) if (field in request.body) throw unsupported(field);
      await updateSubscriptions(operationOf(request), {
        customerId: customer_id,
        contractId: contract_id,
        updates: update_subscriptions.map((update, n) => ({
          subscriptionId: update.subscription_id,
          quantities: update.quantity_updates.map((change, k) =>
            fromUpdate(change, `update_subscriptions[${n}].quantity_updates[${k}]`),
          ),
        })),
      });
      return { data: { id: contract_id } };
    },
  });

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
