import { dec } from "../../domain/decimal.ts";
import type { RecurringCommitDetail } from "../../operations/load-recurring-details.ts";
import { present, toSpecifierView } from "./commit.ts";

/** A recurring commit or credit as contracts show it. */
export const toRecurringCommitView = ({ row, productName }: RecurringCommitDetail) => ({
  id: row.id,
  contract: { id: row.contract_id },
  product: { id: row.product_id, name: productName },
  ...present({
    name: row.name,
    description: row.description,
    rollover_fraction: row.rollover_fraction && dec(row.rollover_fraction),
    applicable_product_ids: row.applicable_product_ids,
    applicable_product_tags: row.applicable_product_tags,
    specifiers: row.specifiers?.map(toSpecifierView) ?? null,
    netsuite_sales_order_id: row.netsuite_sales_order_id,
    recurrence_frequency: row.recurrence_frequency,
    ending_before: row.ending_before,
    invoice_amount: toAmountView(
      row.invoice_unit_price,
      row.invoice_quantity,
      row.invoice_credit_type_id,
    ),
    subscription_config: row.subscription_id && {
      subscription_id: row.subscription_id,
      allocation: row.allocation,
      apply_seat_increase_config: { is_prorated: row.is_increase_prorated },
    },
  }),
  priority: dec(row.priority),
  rate_type: row.rate_type,
  access_amount: {
    unit_price: dec(row.access_unit_price),
    ...present({ quantity: row.access_quantity && dec(row.access_quantity) }),
    credit_type_id: row.access_credit_type_id,
  },
  commit_duration: { value: row.duration_periods, unit: "PERIODS" },
  proration: row.proration,
  starting_at: row.starting_at,
});

const toAmountView = (
  unitPrice: string | null,
  quantity: string | null,
  creditTypeId: string | null,
) =>
  unitPrice === null || quantity === null
    ? null
    : { unit_price: dec(unitPrice), quantity: dec(quantity), credit_type_id: creditTypeId };
