import type { ChargeDetail, ContractDetail } from "../../operations/load-contract-details.ts";
import type { ContractEditRecord } from "../../store/contract-edits.ts";
import type { TransitionRow } from "../../store/contract-transitions.ts";
import { toConfigurationDetailView } from "./billing-configuration.ts";
import { present, toCommitView, toScheduleView } from "./commit.ts";
import { toOverrideView } from "./override.ts";
import { toRecurringCommitView } from "./recurring-commit.ts";
import { toSubscriptionView } from "./subscription.ts";
import { toThresholdViews } from "./threshold.ts";

/** A scheduled charge as the API shows it. */
export const toChargeView = ({ charge, productName, customFields }: ChargeDetail) => ({
  id: charge.id,
  ...present({ name: charge.name }),
  product: { id: charge.productId, name: productName },
  schedule: toScheduleView(charge.items, charge.creditTypeId),
  custom_fields: customFields,
});

/** What both versions of the API show, `endingBefore` being the end as first agreed or as it is. */
const toTerms = (
  { row, charges, overrides, recurring, commits, credits, transitions, thresholds }: ContractDetail,
  endingBefore: string | null,
) => ({
  ...present({
    name: row.name,
    rate_card_id: row.rate_card_id,
    ending_before: endingBefore,
    net_payment_terms_days: row.net_payment_terms_days,
  }),
  starting_at: row.starting_at,
  created_at: row.created_at,
  created_by: row.created_by,
  usage_statement_schedule: {
    frequency: row.usage_frequency,
    billing_anchor_date: row.usage_anchor_at,
  },
  ...chargesOnUsageInvoices(row.scheduled_charges_on_usage_invoices),
  commits: commits.map(toCommitView),
  credits: credits.map(toCommitView),
  scheduled_charges: charges.map(toChargeView),
  overrides: overrides.map(toOverrideView),
  multiplier_override_prioritization: row.multiplier_override_prioritization,
  ...toThresholdViews(thresholds),
  discounts: [],
  professional_services: [],
  reseller_royalties: [],
  recurring_commits: recurring
    .filter(({ row: { type } }) => type === "COMMIT")
    .map(toRecurringCommitView),
  recurring_credits: recurring
    .filter(({ row: { type } }) => type === "CREDIT")
    .map(toRecurringCommitView),
  transitions: transitions.map(toTransitionView),
});

const toTransitionView = ({ type, fromContractId, toContractId }: TransitionRow) => ({
  type,
  from_contract_id: fromContractId,
  to_contract_id: toContractId,
});

const chargesOnUsageInvoices = (all: boolean) =>
  all ? { scheduled_charges_on_usage_invoices: "ALL" } : {};

const toHeader = ({ row, subscriptions, customFields, billing, connections }: ContractDetail) => ({
  id: row.id,
  customer_id: row.customer_id,
  ...present({
    archived_at: row.archived_at,
    uniqueness_key: row.uniqueness_key,
    package_id: row.package_id,
  }),
  custom_fields: customFields,
  subscriptions: subscriptions.map(toSubscriptionView),
  ...(billing === undefined
    ? {}
    : { customer_billing_provider_configuration: toConfigurationDetailView(billing, connections) }),
});

const toBillingSchedule = ({ billingSchedule, connections }: ContractDetail) =>
  billingSchedule.length === 0
    ? {}
    : {
        billing_provider_configuration_schedule: billingSchedule.map(
          ({ configuration, effectiveAt }, n) => ({
            billing_provider_configuration: toConfigurationDetailView(configuration, connections),
            effective_at: effectiveAt,
            ...present({ effective_until: billingSchedule[n + 1]?.effectiveAt ?? null }),
          }),
        ),
      };

/** The contract without what edits and amendments added; what they changed or took away is changed. */
function asMade(contract: ContractDetail): ContractDetail {
  const added = new Set(contract.edits.flatMap(({ changes }) => idsAddedBy(changes)));
  return pickParts(contract, (id) => !added.has(id));
}

const pickParts = (contract: ContractDetail, has: (id: string) => boolean): ContractDetail => ({
  ...contract,
  commits: contract.commits.filter(({ record }) => has(record.row.id)),
  credits: contract.credits.filter(({ record }) => has(record.row.id)),
  charges: contract.charges.filter(({ charge }) => has(charge.id)),
  overrides: contract.overrides.filter(({ row }) => has(row.id)),
  recurring: contract.recurring.filter(({ row }) => has(row.id)),
});

/** The ids of everything under "add_...". */
const idsAddedBy = (changes: ContractEditRecord["changes"]): string[] =>
  Object.entries(changes).flatMap(([name, parts]) =>
    name.startsWith("add_") && Array.isArray(parts)
      ? parts.map(({ id }: { id: unknown }) => String(id))
      : [],
  );

function toAmendmentView(contract: ContractDetail, edit: ContractEditRecord) {
  const added = new Set(idsAddedBy(edit.changes));
  const { commits, credits, charges, overrides } = pickParts(contract, (id) => added.has(id));
  return {
    id: edit.id,
    starting_at: edit.amendedFrom,
    created_at: edit.timestamp,
    created_by: edit.editedBy,
    commits: commits.map(toCommitView),
    credits: credits.map(toCommitView),
    scheduled_charges: charges.map(toChargeView),
    overrides: overrides.map(toOverrideView),
    discounts: [],
    professional_services: [],
    reseller_royalties: [],
  };
}

/** A contract in the first version's shape: as agreed, as it is now, and what lies between. */
export const toContractView = (contract: ContractDetail) => ({
  ...toHeader(contract),
  ...chargesOnUsageInvoices(contract.row.scheduled_charges_on_usage_invoices),
  initial: toTerms(asMade(contract), contract.row.initial_ending_before),
  current: toTerms(contract, contract.row.ending_before),
  amendments: contract.edits
    .filter(({ amendedFrom }) => amendedFrom !== null)
    .map((edit) => toAmendmentView(contract, edit)),
});

/** A contract in the second version's shape: flat, as it is now. */
export const toContractV2View = (contract: ContractDetail) => ({
  ...toHeader(contract),
  ...toTerms(contract, contract.row.ending_before),
  ...toBillingSchedule(contract),
  usage_filter: [],
  has_more: { commits: false, credits: false },
});
