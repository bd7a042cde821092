import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { ThresholdTerms } from "../../operations/set-threshold.ts";
import { fromSpecifiers, SpecifiersField } from "./commit-fields.ts";
import { DecimalField, IdField, ObjectField, TextField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromPaymentGate, PaymentGateField } from "./payment-gate-fields.ts";

/** What a commit that is bought is like. */
export const commitFields = {
  product_id: IdField(),
  name: Type.Optional(NullableField(TextField({ max: 1024 }))),
  description: Type.Optional(NullableField(TextField({ min: 0, max: 4096 }))),
  priority: Type.Optional(NullableField(DecimalField())),
};

/** What usage burns it. */
export const applicability = {
  applicable_product_ids: Type.Optional(NullableField(Type.Array(IdField(), { maxItems: 10_000 }))),
  applicable_product_tags: Type.Optional(
    NullableField(Type.Array(TextField({ max: 200 }), { maxItems: 1000 })),
  ),
  specifiers: Type.Optional(NullableField(SpecifiersField())),
};

/** What of the price is paid. */
export const discount = () =>
  ObjectField(
    { payment_fraction: DecimalField({ minimum: "0", maximum: "1" }) },
    { unsupported: { cap: null } },
  );

const shared = {
  is_enabled: Type.Boolean(),
  threshold_amount: DecimalField({ minimum: "0" }),
  payment_gate_config: PaymentGateField(),
  discount_configuration: Type.Optional(NullableField(discount())),
};

/** At which balance a contract's prepaid value is bought anew. */
export const BalanceThresholdField = () =>
  ObjectField(
    {
      ...shared,
      custom_credit_type_id: Type.Optional(NullableField(IdField())),
      recharge_to_amount: DecimalField({ minimum: "0" }),
      commit: ObjectField({ ...commitFields, ...applicability }),
    },
    { unsupported: { threshold_balance_specifiers: [] } },
  );

/** At which unpaid usage a contract's customer is billed before the period ends. */
export const SpendThresholdField = () =>
  ObjectField({ ...shared, commit: ObjectField(commitFields) });

type BalanceBody = Static<ReturnType<typeof BalanceThresholdField>>;
type SpendBody = Static<ReturnType<typeof SpendThresholdField>>;

/** A balance threshold as operations take it. */
export const fromBalanceThreshold = (body: BalanceBody, path: string): ThresholdTerms => ({
  ...fromShared(body, path),
  type: "prepaid_balance_threshold",
  customCreditTypeId: body.custom_credit_type_id ?? null,
  rechargeTo: dec(body.recharge_to_amount),
  commit: {
    ...fromCommitTerms(body.commit),
    applicableProductIds: body.commit.applicable_product_ids ?? [],
    applicableProductTags: body.commit.applicable_product_tags ?? [],
    specifiers: fromSpecifiers(body.commit.specifiers),
  },
});

/** A spend threshold as operations take it. */
export const fromSpendThreshold = (body: SpendBody, path: string): ThresholdTerms => ({
  ...fromShared(body, path),
  type: "spend_threshold",
  customCreditTypeId: null,
  rechargeTo: null,
  commit: {
    ...fromCommitTerms(body.commit),
    applicableProductIds: [],
    applicableProductTags: [],
    specifiers: [],
  },
});

const fromShared = (body: BalanceBody | SpendBody, path: string) => ({
  isEnabled: body.is_enabled,
  threshold: dec(body.threshold_amount),
  paymentFraction: body.discount_configuration
    ? dec(body.discount_configuration.payment_fraction)
    : null,
  gate: fromPaymentGate(body.payment_gate_config, `${path}.payment_gate_config`),
});

const fromCommitTerms = ({ product_id, name, description, priority }: SpendBody["commit"]) => ({
  productId: product_id,
  name: name ?? null,
  description: description ?? null,
  priority: priority ?? null,
});

/** The thresholds in a body that creates a contract. */
export const fromThresholds = ({
  prepaid_balance_threshold_configuration: balance,
  spend_threshold_configuration: spend,
}: {
  readonly prepaid_balance_threshold_configuration?: BalanceBody | null;
  readonly spend_threshold_configuration?: SpendBody | null;
}): ThresholdTerms[] => [
  ...(balance ? [fromBalanceThreshold(balance, "prepaid_balance_threshold_configuration")] : []),
  ...(spend ? [fromSpendThreshold(spend, "spend_threshold_configuration")] : []),
];
