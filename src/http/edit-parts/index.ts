import { addCommitsPart, addCreditsPart } from "./add-commits.ts";
import { addSubscriptionsPart } from "./add-subscriptions.ts";
import { billingConfigurationPart } from "./billing-configuration.ts";
import {
  archiveCommitsPart,
  archiveCreditsPart,
  updateCommitsPart,
  updateCreditsPart,
} from "./change-commits.ts";
import { updateEndPart, updateNamePart, updatePaymentTermsPart } from "./contract-terms.ts";
import type { EditPart } from "./edit-part.ts";
import { addOverridesPart, removeOverridesPart } from "./overrides.ts";
import {
  addRecurringCommitsPart,
  addRecurringCreditsPart,
  updateRecurringCommitsPart,
  updateRecurringCreditsPart,
} from "./recurring-commits.ts";
import { addChargesPart, archiveChargesPart, updateChargesPart } from "./scheduled-charges.ts";
import {
  addBalanceThresholdPart,
  addSpendThresholdPart,
  updateBalanceThresholdPart,
  updateSpendThresholdPart,
} from "./thresholds.ts";
import { updateSubscriptionsPart } from "./update-subscriptions.ts";

/**
 * What an edit of a contract can do, in the order in which it is done whatever the order of the
 * fields in the body. To add a part, write its file and a line here, and take its fields out of the
 * list below.
 */
export const EDIT_PARTS: readonly EditPart[] = [
  // The contract's own terms come first: what is added must fit into its new end.
  updateNamePart,
  updatePaymentTermsPart,
  updateEndPart,
  billingConfigurationPart,
  updateSubscriptionsPart,
  addSubscriptionsPart,
  // What goes makes room before what comes; overrides may name commits that come with them.
  updateCommitsPart,
  updateCreditsPart,
  archiveCommitsPart,
  archiveCreditsPart,
  addCommitsPart,
  addCreditsPart,
  updateRecurringCommitsPart,
  updateRecurringCreditsPart,
  addRecurringCommitsPart,
  addRecurringCreditsPart,
  updateChargesPart,
  archiveChargesPart,
  addChargesPart,
  removeOverridesPart,
  addOverridesPart,
  // They look at what everything before them leaves.
  addBalanceThresholdPart,
  addSpendThresholdPart,
  updateBalanceThresholdPart,
  updateSpendThresholdPart,
];

/** Fields of the matched API that no part does yet, each with its default. */
export const UNSUPPORTED_EDITS: Readonly<Record<string, unknown>> = {
  add_discounts: [],
  add_professional_services: [],
  add_reseller_royalties: [],
  add_revenue_system_configuration_update: null,
  add_spend_trackers: [],
  archive_spend_trackers: [],
};
