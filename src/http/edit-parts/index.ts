import type { EditPart } from "./edit-part.ts";
import { updateSubscriptionsPart } from "./update-subscriptions.ts";

/**
 * What an edit of a contract can do, in the order in which it is done whatever the order of the
 * fields in the body. To add a part, write its file and a line here, and take its fields out of the
 * list below.
 */
export const EDIT_PARTS: readonly EditPart[] = [updateSubscriptionsPart];

/** Fields of the matched API that no part does yet, each with its default. */
export const UNSUPPORTED_EDITS: Readonly<Record<string, unknown>> = {
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
  update_commits: [],
  update_credits: [],
  update_prepaid_balance_threshold_configuration: null,
  update_recurring_commits: [],
  update_recurring_credits: [],
  update_scheduled_charges: [],
  update_spend_threshold_configuration: null,
};

/** Fields that no part does yet and in which null is a wish too: refused whatever they say. */
export const UNSUPPORTED_EVEN_NULL: readonly string[] = [
  "update_contract_end_date",
  "update_contract_name",
  "update_net_payment_terms_days",
];
