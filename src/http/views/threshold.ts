import { dec } from "../../domain/decimal.ts";
import type { ThresholdConfiguration } from "../../store/threshold-configurations.ts";
import { present, toSpecifierView } from "./commit.ts";
import { toPaymentGateView } from "./payment-gate.ts";

const FIELDS = {
  prepaid_balance_threshold: "prepaid_balance_threshold_configuration",
  spend_threshold: "spend_threshold_configuration",
} as const;

/** A contract's thresholds, each under the name of its field; those that it does not have are absent. */
export const toThresholdViews = (configurations: readonly ThresholdConfiguration[]) =>
  Object.fromEntries(
    configurations.map((configuration) => [FIELDS[configuration.type], toView(configuration)]),
  );

function toView({
  isEnabled,
  customCreditTypeId,
  threshold,
  rechargeTo,
  paymentFraction,
  commit,
  gate,
}: ThresholdConfiguration) {
  const { applicableProductIds: ids, applicableProductTags: tags, specifiers } = commit;
  return {
    is_enabled: isEnabled,
    threshold_amount: threshold,
    ...present({ recharge_to_amount: rechargeTo, custom_credit_type_id: customCreditTypeId }),
    commit: {
      product_id: commit.productId,
      ...present({
        name: commit.name,
        description: commit.description,
        priority: commit.priority === null ? null : dec(commit.priority),
      }),
      ...(ids.length === 0 ? {} : { applicable_product_ids: ids }),
      ...(tags.length === 0 ? {} : { applicable_product_tags: tags }),
      ...(specifiers.length === 0 ? {} : { specifiers: specifiers.map(toSpecifierView) }),
    },
    payment_gate_config: toPaymentGateView(gate),
    ...(paymentFraction === null
      ? {}
      : { discount_configuration: { payment_fraction: paymentFraction } }),
  };
}
