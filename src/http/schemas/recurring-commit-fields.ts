import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import type { RecurringCommitTerms } from "../../operations/add-recurring-commits.ts";
import { BILLING_FREQUENCIES } from "./billing-frequencies.ts";
import { fromSpecifiers, SpecifiersField } from "./commit-fields.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { NullableField } from "./nullable-field.ts";

/** Longer than any access that is agreed on: 100 years of months. */
const MAX_PERIODS = 1200;

const unitPrice = DecimalField({ minimum: "0" });
const quantity = DecimalField({ minimum: "0" });

const SubscriptionConfigField = ObjectField({
  /** Of a subscription of the contract, or the temporary id of one in the same body. */
  subscription_id: TextField({ max: 200 }),
  allocation: Type.Optional(NullableField(EnumField(["POOLED", "INDIVIDUAL"]))),
  apply_seat_increase_config: ObjectField({ is_prorated: Type.Boolean() }),
});

const shared = {
  product_id: IdField(),
  name: Type.Optional(TextField({ max: 1024 })),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  priority: DecimalField(),
  rate_type: Type.Optional(EnumField(["LIST_RATE", "COMMIT_RATE"])),
  rollover_fraction: Type.Optional(NullableField(DecimalField({ minimum: "0", maximum: "1" }))),
  applicable_product_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 10_000 }))),
  applicable_product_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  ),
  specifiers: Type.Optional(NullableField(SpecifiersField())),
  netsuite_sales_order_id: Type.Optional(TextField({ max: 200 })),
  access_amount: ObjectField({
    unit_price: unitPrice,
    quantity: Type.Optional(NullableField(quantity)),
    credit_type_id: IdField(),
  }),
  commit_duration: ObjectField({
    value: Type.Integer({ minimum: 1, maximum: MAX_PERIODS }),
    unit: Type.Optional(EnumField(["PERIODS"])),
  }),
  recurrence_frequency: Type.Optional(NullableField(EnumField(BILLING_FREQUENCIES))),
  proration: Type.Optional(NullableField(EnumField(["NONE", "FIRST", "LAST", "FIRST_AND_LAST"]))),
  starting_at: InstantField({ onHour: true }),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  subscription_config: Type.Optional(NullableField(SubscriptionConfigField)),
  /** What overrides in the same body call it by. */
  temporary_id: Type.Optional(NullableField(TextField({ max: 200 }))),
};

const unsupportedFields = { hierarchy_configuration: null, proration_rounding: null };

/** A credit that a contract is given each period. */
export const RecurringCreditField = () => ObjectField(shared, { unsupported: unsupportedFields });

/** A prepaid commit that a contract is given each period, and perhaps billed for. */
export const RecurringCommitField = () =>
  ObjectField(
    {
      ...shared,
      invoice_amount: Type.Optional(
        NullableField(ObjectField({ unit_price: unitPrice, quantity, credit_type_id: IdField() })),
      ),
    },
    { unsupported: unsupportedFields },
  );

type CreditBody = Static<ReturnType<typeof RecurringCreditField>>;
type CommitBody = Static<ReturnType<typeof RecurringCommitField>>;

/** A recurring credit as operations take it; `path` names it in messages. */
export function fromRecurringCredit(body: CreditBody, path: string): RecurringCommitTerms {
  const { access_amount: access } = body;
  return {
    type: "CREDIT",
    productId: body.product_id,
    name: body.name ?? null,
    description: body.description ?? null,
    priority: body.priority,
    rateType: body.rate_type ?? "LIST_RATE",
    rolloverFraction: body.rollover_fraction ?? null,
    applicableProductIds: body.applicable_product_ids ?? [],
    applicableProductTags: body.applicable_product_tags ?? [],
    specifiers: fromSpecifiers(body.specifiers),
    netsuiteSalesOrderId: body.netsuite_sales_order_id ?? null,
    access: {
      unitPrice: dec(access.unit_price),
      quantity: access.quantity == null ? null : dec(access.quantity),
      creditTypeId: access.credit_type_id,
    },
    invoice: null,
    durationPeriods: body.commit_duration.value,
    frequency: body.recurrence_frequency ?? null,
    proration: body.proration ?? "FIRST_AND_LAST",
    startingAt: instant(body.starting_at),
    endingBefore: body.ending_before == null ? null : instant(body.ending_before),
    pool: fromSubscriptionConfig(body, path),
    temporaryId: body.temporary_id ?? undefined,
  };
}

/** A recurring commit as operations take it; `path` names it in messages. */
export function fromRecurringCommit(body: CommitBody, path: string): RecurringCommitTerms {
  const { invoice_amount: invoice } = body;
  return {
    ...fromRecurringCredit(body, path),
    type: "COMMIT",
    invoice: invoice
      ? {
          unitPrice: dec(invoice.unit_price),
          quantity: dec(invoice.quantity),
          creditTypeId: invoice.credit_type_id,
        }
      : null,
  };
}

function fromSubscriptionConfig(
  { subscription_config: config, rollover_fraction: fraction }: CreditBody,
  path: string,
): RecurringCommitTerms["pool"] {
  if (config == null) return null;
  const allocation = config.allocation ?? "POOLED";
  if (allocation === "INDIVIDUAL" && fraction != null) {
    const field = `${path}rollover_fraction`;
    throw invalid(`${field} is not for allocation INDIVIDUAL: a seat keeps its own`, field);
  }
  return {
    subscriptionId: config.subscription_id,
    isIncreaseProrated: config.apply_seat_increase_config.is_prorated,
    allocation,
  };
}
