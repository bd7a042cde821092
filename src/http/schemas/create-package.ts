import { type Static, Type } from "typebox";
import { BILLING_PROVIDERS, DELIVERY_METHODS } from "../../domain/billing-provider.ts";
import { ContractCommitField, ContractCreditField } from "./commit-fields.ts";
import { CreateContractBody } from "./create-contract.ts";
import {
  DecimalField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "./fields.ts";
import { NullableField } from "./nullable-field.ts";
import { OverrideField } from "./override-fields.ts";
import { RecurringCommitField, RecurringCreditField } from "./recurring-commit-fields.ts";
import { MAX_SCHEDULE_ITEMS, prices } from "./schedule-fields.ts";
import { ScheduledChargeField } from "./scheduled-charge-fields.ts";
import { SubscriptionField } from "./subscription-fields.ts";

const MAX_PARTS = 1000;
const MAX_LENGTH = 100_000;

const lengthField = (minimum: number) =>
  ObjectField({
    value: Type.Integer({ minimum, maximum: MAX_LENGTH }),
    unit: EnumField(["DAYS", "WEEKS", "MONTHS", "YEARS"]),
  });
/** How long after the contract's start. */
const OffsetField = () => lengthField(0);
/** How long from there. */
const DurationField = () => lengthField(1);

/** Stands for the dates of a part: from when on, and for how long. */
const term = {
  starting_at_offset: OffsetField(),
  duration: Type.Optional(NullableField(DurationField())),
};

const many = <Item extends Parameters<typeof Type.Array>[0]>(item: Item) =>
  Type.Optional(Type.Array(item, { maxItems: MAX_PARTS }));

const AccessScheduleField = () =>
  ObjectField({
    credit_type_id: Type.Optional(IdField()),
    schedule_items: Type.Array(
      ObjectField({
        amount: DecimalField({ minimum: "0" }),
        starting_at_offset: OffsetField(),
        duration: DurationField(),
      }),
      { minItems: 1, maxItems: MAX_SCHEDULE_ITEMS },
    ),
  });

const scheduleFields = {
  credit_type_id: Type.Optional(IdField()),
  schedule_items: Type.Array(ObjectField({ date_offset: OffsetField(), ...prices }), {
    minItems: 1,
    maxItems: MAX_SCHEDULE_ITEMS,
  }),
};

const {
  access_schedule: _access,
  invoice_schedule: _invoices,
  // Charged at the instant of its creation, so it has no place among offsets.
  payment_gate_config: _gate,
  ...commit
} = ContractCommitField().properties;
const { access_schedule: _creditAccess, ...credit } = ContractCreditField().properties;
const { schedule: _schedule, ...charge } = ScheduledChargeField().properties;
const { starting_at: _from, ending_before: _to, ...override } = OverrideField().properties;
const {
  starting_at: _first,
  ending_before: _last,
  ...recurringCommit
} = RecurringCommitField().properties;
const {
  starting_at: _start,
  ending_before: _end,
  ...recurringCredit
} = RecurringCreditField().properties;
const {
  starting_at: _begins,
  ending_before: _ends,
  billing_cycle_config: _cycle,
  seat_config: _seats,
  ...subscription
} = SubscriptionField().properties;
const contract = CreateContractBody.properties;

const UsageScheduleField = ObjectField({
  frequency: EnumField(["MONTHLY", "QUARTERLY", "ANNUAL", "WEEKLY"]),
  day: Type.Optional(EnumField(["FIRST_OF_MONTH", "CONTRACT_START"])),
  invoice_generation_starting_at_offset: Type.Optional(NullableField(OffsetField())),
});

/** The body that creates a package: a contract's terms, with offsets in the place of dates. */
export const CreatePackageBody = ObjectField(
  {
    name: TextField({ max: 1024 }),
    contract_name: contract.name,
    uniqueness_key: contract.uniqueness_key,
    aliases: Type.Optional(
      Type.Array(
        ObjectField({
          name: TextField({ max: 128 }),
          starting_at: Type.Optional(NullableField(InstantField({ onHour: true }))),
          ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
        }),
        { maxItems: 100 },
      ),
    ),
    duration: Type.Optional(NullableField(DurationField())),
    net_payment_terms_days: contract.net_payment_terms_days,
    rate_card_id: contract.rate_card_id,
    rate_card_alias: contract.rate_card_alias,
    usage_statement_schedule: Type.Optional(NullableField(UsageScheduleField)),
    scheduled_charges_on_usage_invoices: contract.scheduled_charges_on_usage_invoices,
    multiplier_override_prioritization: contract.multiplier_override_prioritization,
    billing_provider: Type.Optional(NullableField(EnumField(BILLING_PROVIDERS))),
    delivery_method: Type.Optional(NullableField(EnumField(DELIVERY_METHODS))),
    commits: many(
      ObjectField(
        {
          ...commit,
          access_schedule: AccessScheduleField(),
          invoice_schedule: Type.Optional(
            NullableField(
              ObjectField({
                ...scheduleFields,
                do_not_invoice: Type.Optional(NullableField(Type.Boolean())),
              }),
            ),
          ),
        },
        { unsupported: { payment_gate_config: null } },
      ),
    ),
    credits: many(ObjectField({ ...credit, access_schedule: AccessScheduleField() })),
    scheduled_charges: many(ObjectField({ ...charge, schedule: ObjectField(scheduleFields) })),
    overrides: many(ObjectField({ ...override, ...term })),
    recurring_commits: many(ObjectField({ ...recurringCommit, ...term })),
    recurring_credits: many(ObjectField({ ...recurringCredit, ...term })),
    subscriptions: many(
      ObjectField(
        {
          ...subscription,
          starting_at_offset: Type.Optional(NullableField(OffsetField())),
          duration: term.duration,
        },
        { unsupported: { billing_cycle_config: null, seat_config: null } },
      ),
    ),
    prepaid_balance_threshold_configuration: contract.prepaid_balance_threshold_configuration,
    spend_threshold_configuration: contract.spend_threshold_configuration,
  },
  { unsupported: { spend_trackers: [] } },
);

export type PackageTerms = Static<typeof CreatePackageBody>;
