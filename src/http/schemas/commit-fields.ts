import { type Static, Type } from "typebox";
import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import type { CommitTerms } from "../../operations/add-commit.ts";
import {
  CustomFieldsField,
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { GroupValuesField } from "./group-values-field.ts";
import { NullableField } from "./nullable-field.ts";
import { fromPaymentGate, PaymentGateField } from "./payment-gate-fields.ts";
import { fromSchedule, MAX_SCHEDULE_ITEMS, PurchaseScheduleField } from "./schedule-fields.ts";

/** What usage burns a commit: fields in one specifier all match, one specifier is enough. */
export const SpecifiersField = () =>
  Type.Array(
    ObjectField({
      product_id: Type.Optional(NullableField(IdField())),
      product_tags: Type.Optional(
        NullableField(Type.Array(TextField({ max: 200 }), { minItems: 1, maxItems: 100 })),
      ),
      pricing_group_values: Type.Optional(NullableField(GroupValuesField())),
      presentation_group_values: Type.Optional(NullableField(GroupValuesField())),
    }),
    { maxItems: 1000 },
  );

/** Fields that commits and credits share, on a contract or on a customer. */
const shared = {
  product_id: IdField(),
  name: Type.Optional(TextField({ max: 1024 })),
  description: Type.Optional(TextField({ min: 0, max: 4096 })),
  access_schedule: ObjectField({
    credit_type_id: Type.Optional(IdField()),
    schedule_items: Type.Array(
      ObjectField({
        amount: DecimalField({ minimum: "0" }),
        starting_at: InstantField({ onHour: true }),
        ending_before: InstantField({ onHour: true }),
      }),
      { minItems: 1, maxItems: MAX_SCHEDULE_ITEMS },
    ),
  }),
  applicable_product_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 10_000 }))),
  applicable_product_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  ),
  specifiers: Type.Optional(NullableField(SpecifiersField())),
  rate_type: Type.Optional(EnumField(["LIST_RATE", "COMMIT_RATE"])),
  netsuite_sales_order_id: Type.Optional(TextField({ max: 200 })),
  custom_fields: Type.Optional(CustomFieldsField()),
};

const purchase = {
  type: EnumField(["PREPAID", "POSTPAID"]),
  invoice_schedule: Type.Optional(NullableField(PurchaseScheduleField())),
};

const onContract = {
  priority: Type.Optional(DecimalField()),
  rollover_fraction: Type.Optional(NullableField(DecimalField({ minimum: "0", maximum: "1" }))),
};

const onCustomer = {
  customer_id: IdField(),
  priority: DecimalField(),
  applicable_contract_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 1000 }))),
  uniqueness_key: Type.Optional(NullableField(TextField({ max: 128 }))),
};

const unsupportedOnContract = {
  hierarchy_configuration: null,
};

const unsupportedOnCustomer = { salesforce_opportunity_id: null };

/** A commit in the body that creates a contract. */
export const ContractCommitField = () =>
  ObjectField(
    {
      ...shared,
      ...purchase,
      ...onContract,
      /** What overrides in the same body call it by. */
      temporary_id: Type.Optional(NullableField(TextField({ max: 200 }))),
      payment_gate_config: Type.Optional(NullableField(PaymentGateField())),
    },
    {
      unsupported: {
        ...unsupportedOnContract,
        amount: null,
        spend_tracker_attributes: null,
      },
    },
  );

/** A credit in the body that creates a contract. */
export const ContractCreditField = () =>
  ObjectField({ ...shared, ...onContract }, { unsupported: unsupportedOnContract });

/** The body that creates a commit of a customer. */
export const CustomerCommitBody = ObjectField(
  {
    ...shared,
    ...purchase,
    ...onCustomer,
    invoice_contract_id: Type.Optional(NullableField(IdField())),
  },
  { unsupported: unsupportedOnCustomer },
);

/** The body that creates a credit of a customer. */
export const CustomerCreditBody = ObjectField(
  { ...shared, ...onCustomer },
  { unsupported: unsupportedOnCustomer },
);

type CreditBody = Omit<Static<ReturnType<typeof ContractCreditField>>, "rollover_fraction"> & {
  rollover_fraction?: string | null;
};
type CommitBody = Static<ReturnType<typeof ContractCommitField>>;

/** Where a contract's commit does not say when it burns. */
const DEFAULT_PRIORITY = "100";

/** A credit as operations take it. */
export function fromCredit(body: CreditBody): CommitTerms {
  return {
    type: "CREDIT",
    productId: body.product_id,
    name: body.name ?? null,
    description: body.description ?? null,
    priority: body.priority ?? DEFAULT_PRIORITY,
    rateType: body.rate_type ?? "LIST_RATE",
    creditTypeId: body.access_schedule.credit_type_id,
    segments: body.access_schedule.schedule_items.map((item) => ({
      amount: item.amount,
      startingAt: item.starting_at,
      endingBefore: item.ending_before,
    })),
    purchase: undefined,
    applicableProductIds: body.applicable_product_ids ?? [],
    applicableProductTags: body.applicable_product_tags ?? [],
    specifiers: fromSpecifiers(body.specifiers),
    rolloverFraction: body.rollover_fraction ?? null,
    netsuiteSalesOrderId: body.netsuite_sales_order_id ?? null,
    customFields: body.custom_fields,
  };
}

/** Specifiers as operations take them. */
export const fromSpecifiers = (
  specifiers: Static<ReturnType<typeof SpecifiersField>> | null | undefined,
): CommitSpecifier[] =>
  (specifiers ?? []).map((specifier) => ({
    productId: specifier.product_id ?? null,
    productTags: specifier.product_tags ?? null,
    pricingGroupValues: specifier.pricing_group_values ?? null,
    presentationGroupValues: specifier.presentation_group_values ?? null,
  }));

/** A commit as operations take it. `path`: "commits[0]." or nothing. */
export function fromCommit(body: CommitBody, path = ""): CommitTerms {
  const { invoice_schedule: schedule, payment_gate_config: gate } = body;
  return {
    ...fromCredit(body),
    type: body.type,
    temporaryId: body.temporary_id ?? undefined,
    purchase: schedule
      ? { ...fromSchedule(schedule), doNotInvoice: schedule.do_not_invoice ?? false }
      : undefined,
    gate: gate ? fromPaymentGate(gate, `${path}payment_gate_config`) : undefined,
  };
}
