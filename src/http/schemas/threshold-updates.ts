import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { ThresholdUpdate } from "../../operations/edit-threshold.ts";
import { fromSpecifiers } from "./commit-fields.ts";
import { DecimalField, IdField, ObjectField } from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromPaymentGate, PaymentGateField } from "./payment-gate-fields.ts";
import { applicability, commitFields, discount } from "./threshold-fields.ts";

const updateCommit = { ...commitFields, product_id: Type.Optional(IdField()) };

const shared = {
  is_enabled: Type.Optional(Type.Boolean()),
  threshold_amount: Type.Optional(DecimalField({ minimum: "0" })),
  payment_gate_config: Type.Optional(PaymentGateField()),
  discount_configuration: Type.Optional(NullableField(discount())),
};

/** What changes of a balance threshold; null clears what may be left out. */
export const UpdateBalanceThresholdField = () =>
  ObjectField(
    {
      ...shared,
      custom_credit_type_id: Type.Optional(NullableField(IdField())),
      recharge_to_amount: Type.Optional(DecimalField({ minimum: "0" })),
      commit: Type.Optional(ObjectField({ ...updateCommit, ...applicability })),
    },
    { unsupported: { threshold_balance_specifiers: [] } },
  );

/** What changes of a spend threshold. */
export const UpdateSpendThresholdField = () =>
  ObjectField({ ...shared, commit: Type.Optional(ObjectField(updateCommit)) });

type Body =
  | Static<ReturnType<typeof UpdateBalanceThresholdField>>
  | Static<ReturnType<typeof UpdateSpendThresholdField>>;

type CommitBody = NonNullable<Static<ReturnType<typeof UpdateBalanceThresholdField>>["commit"]>;

/** The changes as operations take them: what is absent stays. */
export function fromThresholdUpdate(body: Body, path: string): ThresholdUpdate {
  const rechargeTo = "recharge_to_amount" in body ? body.recharge_to_amount : undefined;
  const unitId = "custom_credit_type_id" in body ? body.custom_credit_type_id : undefined;
  const { discount_configuration: discounted, payment_gate_config: gate } = body;
  return {
    ...(body.is_enabled === undefined ? {} : { isEnabled: body.is_enabled }),
    ...(unitId === undefined ? {} : { customCreditTypeId: unitId }),
    ...(body.threshold_amount === undefined ? {} : { threshold: dec(body.threshold_amount) }),
    ...(rechargeTo === undefined ? {} : { rechargeTo: dec(rechargeTo) }),
    ...(discounted === undefined
      ? {}
      : { paymentFraction: discounted && dec(discounted.payment_fraction) }),
    ...(gate === undefined ? {} : { gate: fromPaymentGate(gate, `${path}.payment_gate_config`) }),
    commit: fromCommitUpdate(body.commit ?? {}),
  };
}

const fromCommitUpdate = (body: CommitBody): ThresholdUpdate["commit"] => ({
  ...(body.product_id === undefined ? {} : { productId: body.product_id }),
  ...(body.name === undefined ? {} : { name: body.name }),
  ...(body.description === undefined ? {} : { description: body.description }),
  ...(body.priority === undefined ? {} : { priority: body.priority }),
  ...(body.applicable_product_ids === undefined
    ? {}
    : { applicableProductIds: body.applicable_product_ids ?? [] }),
  ...(body.applicable_product_tags === undefined
    ? {}
    : { applicableProductTags: body.applicable_product_tags ?? [] }),
  ...(body.specifiers === undefined ? {} : { specifiers: fromSpecifiers(body.specifiers) }),
});
