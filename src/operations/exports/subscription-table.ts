import { toText } from "../../domain/decimal.ts";
import type { QuantityChange } from "../../domain/subscriptions/subscription.ts";
import { instantText } from "../../domain/time.ts";
import type { Column } from "../../platform/tabular/column.ts";
import { listContracts } from "../../store/contracts.ts";
import { loadSubscriptionDetails, type SubscriptionDetail } from "../load-subscription-details.ts";
import { type Cells, inOrder, jsonCell, present } from "./cells.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "text" },
  { name: "contract_id", type: "text" },
  { name: "customer_id", type: "text" },
  { name: "product_id", type: "text" },
  { name: "name", type: "text" },
  { name: "description", type: "text" },
  { name: "billing_frequency", type: "text" },
  { name: "collection_schedule", type: "text" },
  { name: "is_prorated", type: "boolean" },
  { name: "invoice_behavior", type: "text" },
  { name: "rounding_method", type: "text" },
  { name: "rounding_decimal_places", type: "integer" },
  { name: "billing_anchor_date", type: "instant" },
  { name: "invoice_placement", type: "text" },
  { name: "fiat_credit_type_id", type: "text" },
  { name: "quantity_management_mode", type: "text" },
  { name: "seat_group_key", type: "text" },
  { name: "quantity_schedule", type: "json" },
  { name: "starting_at", type: "instant" },
  { name: "ending_before", type: "instant" },
  { name: "custom_fields", type: "json" },
];

/** Every quantity there ever was, each until the next one. */
const toSchedule = (changes: readonly QuantityChange[]) =>
  changes.map(({ quantity, startingAt }, n) => {
    const next = changes[n + 1];
    return present({
      quantity: toText(quantity),
      starting_at: instantText(startingAt),
      ending_before: next && instantText(next.startingAt),
    });
  });

const toCells = (customerId: string, detail: SubscriptionDetail): Cells => {
  const { row, subscription } = detail;
  return {
    id: row.id,
    contract_id: row.contract_id,
    customer_id: customerId,
    product_id: row.product_id,
    name: row.name,
    description: row.description,
    billing_frequency: row.billing_frequency,
    collection_schedule: row.collection_schedule,
    is_prorated: row.is_prorated,
    invoice_behavior: row.invoice_behavior,
    rounding_method: row.rounding_method,
    rounding_decimal_places: row.rounding_decimal_places,
    billing_anchor_date: row.anchor_at ?? detail.usageAnchorAt,
    invoice_placement: row.invoice_placement,
    fiat_credit_type_id: detail.fiatCreditTypeId,
    quantity_management_mode: subscription.seats === null ? "QUANTITY_ONLY" : "SEAT_BASED",
    seat_group_key: row.seat_group_key,
    quantity_schedule: jsonCell(toSchedule(subscription.quantities)),
    starting_at: row.starting_at,
    ending_before: row.ending_before,
    custom_fields: jsonCell(detail.customFields),
  };
};

/** Subscriptions as contracts show them. They are read customer by customer because seats make quantities. */
export const subscriptionTable: ExportTable = customerWiseTable({
  name: "contracts_subscriptions",
  key: "id",
  columns: COLUMNS,
  having: "contracts",
  async rowsOf(ctx, customerId) {
    const { id: environmentId } = ctx.environment;
    const filter = { environmentId, customerId, includeArchived: true };
    const details = await loadSubscriptionDetails(ctx, await listContracts(ctx.db, filter));
    return [...details.values()]
      .flat()
      .map((detail) => inOrder(COLUMNS, toCells(customerId, detail)));
  },
});
