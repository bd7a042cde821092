import type { Static } from "typebox";
import { instant } from "../../domain/time.ts";
import type { AmendContract } from "../../operations/amend-contract.ts";
import { toAddCommits, toAddCredits } from "../edit-parts/add-commits.ts";
import { many } from "../edit-parts/edit-part.ts";
import { toAddOverrides } from "../edit-parts/overrides.ts";
import { toAddCharges } from "../edit-parts/scheduled-charges.ts";
import { ContractCommitField, ContractCreditField } from "./commit-fields.ts";
import { IdField, InstantField, ObjectField } from "./fields.ts";
import { OverrideField } from "./override-fields.ts";
import { ScheduledChargeField } from "./scheduled-charge-fields.ts";

/** The body that amends a contract. */
export const AmendContractBody = ObjectField(
  {
    customer_id: IdField(),
    contract_id: IdField(),
    starting_at: InstantField({ onHour: true }),
    commits: many(ContractCommitField()),
    credits: many(ContractCreditField()),
    scheduled_charges: many(ScheduledChargeField()),
    overrides: many(OverrideField()),
  },
  {
    unsupported: {
      custom_fields: {},
      discounts: [],
      netsuite_sales_order_id: null,
      professional_services: [],
      reseller_royalties: [],
      salesforce_opportunity_id: null,
      total_contract_value: null,
    },
  },
);

/** An amendment as operations take it. */
export const fromAmendContract = (body: Static<typeof AmendContractBody>): AmendContract => ({
  customerId: body.customer_id,
  contractId: body.contract_id,
  startingAt: instant(body.starting_at),
  additions: [
    toAddCommits(body.commits ?? [], "commits"),
    toAddCredits(body.credits ?? [], "credits"),
    toAddCharges(body.scheduled_charges ?? [], "scheduled_charges"),
    toAddOverrides(body.overrides ?? [], "overrides"),
  ].filter((change) => change !== undefined),
});
