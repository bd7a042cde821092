import { type Static, Type } from "typebox";
import { BILLING_PROVIDERS, DELIVERY_METHODS } from "../../domain/billing-provider.ts";
import { instant } from "../../domain/time.ts";
import type { CreateContract } from "../../operations/create-contract.ts";
import {
  ContractCommitField,
  ContractCreditField,
  fromCommit,
  fromCredit,
} from "./commit-fields.ts";
import {
  CustomFieldsField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { fromOverride, OverrideField } from "./override-fields.ts";
import {
  fromRecurringCommit,
  fromRecurringCredit,
  RecurringCommitField,
  RecurringCreditField,
} from "./recurring-commit-fields.ts";
import { fromScheduledCharge, ScheduledChargeField } from "./scheduled-charge-fields.ts";
import { fromSubscription, SubscriptionField } from "./subscription-fields.ts";
import { BalanceThresholdField, fromThresholds, SpendThresholdField } from "./threshold-fields.ts";
import { fromTransition, TransitionField } from "./transition-field.ts";

const MAX_PARTS = 1000;

const UsageScheduleField = ObjectField({
  frequency: EnumField(["MONTHLY", "QUARTERLY", "ANNUAL", "WEEKLY"]),
  day: Type.Optional(EnumField(["FIRST_OF_MONTH", "CONTRACT_START", "CUSTOM_DATE"])),
  billing_anchor_date: Type.Optional(NullableField(InstantField())),
  invoice_generation_starting_at: Type.Optional(NullableField(InstantField({ onHour: true }))),
});

const fields = {
  starting_at: InstantField({ onHour: true }),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  name: Type.Optional(TextField({ max: 1024 })),
  uniqueness_key: Type.Optional(NullableField(TextField({ max: 128 }))),
  net_payment_terms_days: Type.Optional(NullableField(Type.Integer({ minimum: 0, maximum: 3650 }))),
  rate_card_id: Type.Optional(NullableField(IdField())),
  rate_card_alias: Type.Optional(NullableField(TextField({ max: 128 }))),
  usage_statement_schedule: Type.Optional(NullableField(UsageScheduleField)),
  scheduled_charges_on_usage_invoices: Type.Optional(NullableField(EnumField(["ALL"]))),
  scheduled_charges: Type.Optional(Type.Array(ScheduledChargeField(), { maxItems: MAX_PARTS })),
  commits: Type.Optional(Type.Array(ContractCommitField(), { maxItems: MAX_PARTS })),
  credits: Type.Optional(Type.Array(ContractCreditField(), { maxItems: MAX_PARTS })),
  subscriptions: Type.Optional(Type.Array(SubscriptionField(), { maxItems: MAX_PARTS })),
  recurring_commits: Type.Optional(Type.Array(RecurringCommitField(), { maxItems: MAX_PARTS })),
  recurring_credits: Type.Optional(Type.Array(RecurringCreditField(), { maxItems: MAX_PARTS })),
  overrides: Type.Optional(Type.Array(OverrideField(), { maxItems: MAX_PARTS })),
  prepaid_balance_threshold_configuration: Type.Optional(NullableField(BalanceThresholdField())),
  spend_threshold_configuration: Type.Optional(NullableField(SpendThresholdField())),
  multiplier_override_prioritization: Type.Optional(
    NullableField(EnumField(["LOWEST_MULTIPLIER", "EXPLICIT"])),
  ),
  billing_provider_configuration: Type.Optional(
    NullableField(
      ObjectField({
        billing_provider_configuration_id: Type.Optional(IdField()),
        billing_provider: Type.Optional(EnumField(BILLING_PROVIDERS)),
        delivery_method: Type.Optional(EnumField(DELIVERY_METHODS)),
      }),
    ),
  ),
  transition: Type.Optional(NullableField(TransitionField)),
  package_id: Type.Optional(NullableField(IdField())),
  package_alias: Type.Optional(NullableField(TextField({ max: 128 }))),
  custom_fields: Type.Optional(CustomFieldsField()),
};

const unsupported = {
  discounts: [],
  hierarchy_configuration: null,
  netsuite_sales_order_id: null,
  priority: null,
  professional_services: [],
  reseller_royalties: [],
  revenue_system_configuration: null,
  salesforce_opportunity_id: null,
  spend_trackers: [],
  total_contract_value: null,
  usage_filter: null,
};

/** The body that creates a contract. */
export const CreateContractBody = ObjectField(
  { customer_id: IdField(), ...fields },
  { unsupported },
);

/** A contract of a customer that is created with it. */
export const NewCustomerContractField = ObjectField(fields, { unsupported });

/** Monthly from the 1st on, unless the contract says otherwise. */
function fromUsageSchedule(
  body: Static<typeof UsageScheduleField> | null | undefined,
): CreateContract["usageSchedule"] {
  const { billing_anchor_date: anchor, invoice_generation_starting_at: first } = body ?? {};
  return {
    frequency: body?.frequency ?? "MONTHLY",
    day: body?.day ?? "FIRST_OF_MONTH",
    billingAnchorAt: anchor == null ? undefined : instant(anchor),
    invoiceGenerationStartingAt: first == null ? undefined : instant(first),
  };
}

/** A contract to create as operations take it. */
export function fromCreateContract(body: Static<typeof CreateContractBody>): CreateContract {
  const billing = body.billing_provider_configuration;
  return {
    customerId: body.customer_id,
    name: body.name ?? null,
    startingAt: instant(body.starting_at),
    endingBefore: body.ending_before == null ? null : instant(body.ending_before),
    rateCardId: body.rate_card_id ?? undefined,
    rateCardAlias: body.rate_card_alias ?? undefined,
    usageSchedule: fromUsageSchedule(body.usage_statement_schedule),
    scheduledChargesOnUsageInvoices: body.scheduled_charges_on_usage_invoices === "ALL",
    scheduledCharges: (body.scheduled_charges ?? []).map(fromScheduledCharge),
    commits: (body.commits ?? []).map((commit, n) => fromCommit(commit, `commits[${n}].`)),
    credits: (body.credits ?? []).map(fromCredit),
    subscriptions: (body.subscriptions ?? []).map((subscription, n) =>
      fromSubscription(subscription, `subscriptions[${n}].`),
    ),
    recurringCommits: (body.recurring_commits ?? []).map((recurring, n) =>
      fromRecurringCommit(recurring, `recurring_commits[${n}].`),
    ),
    recurringCredits: (body.recurring_credits ?? []).map((recurring, n) =>
      fromRecurringCredit(recurring, `recurring_credits[${n}].`),
    ),
    overrides: (body.overrides ?? []).map((override, n) =>
      fromOverride(override, `overrides[${n}].`),
    ),
    thresholds: fromThresholds(body),
    multiplierPrioritization: body.multiplier_override_prioritization ?? "LOWEST_MULTIPLIER",
    billing: billing
      ? {
          id: billing.billing_provider_configuration_id,
          billingProvider: billing.billing_provider,
          deliveryMethod: billing.delivery_method,
        }
      : undefined,
    netPaymentTermsDays: body.net_payment_terms_days ?? null,
    uniquenessKey: body.uniqueness_key ?? null,
    customFields: body.custom_fields,
    transition: fromTransition(body.transition),
  };
}
