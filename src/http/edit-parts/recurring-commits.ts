import { type Static, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import { instant } from "../../domain/time.ts";
import type { RecurringCommitTerms } from "../../operations/add-recurring-commits.ts";
import {
  addRecurringTo,
  type RecurringCommitUpdate,
  updateRecurringCommits,
} from "../../operations/change-recurring-commits.ts";
import type { ContractChange } from "../../operations/edit-contract.ts";
import { DecimalField, EnumField, IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import {
  fromRecurringCommit,
  fromRecurringCredit,
  RecurringCommitField,
  RecurringCreditField,
} from "../schemas/recurring-commit-fields.ts";
import { toRecurringCommitView } from "../views/recurring-commit.ts";
import { editPart, many, pick } from "./edit-part.ts";

/** New recurring commits. */
export const addRecurringCommitsPart = editPart({
  fields: { add_recurring_commits: many(RecurringCommitField()) },
  toChange: ({ add_recurring_commits: all = [] }) =>
    toAddition(
      all.map((body, n) => fromRecurringCommit(body, `add_recurring_commits[${n}].`)),
      "add_recurring_commits",
    ),
});

/** New recurring credits. */
export const addRecurringCreditsPart = editPart({
  fields: { add_recurring_credits: many(RecurringCreditField()) },
  toChange: ({ add_recurring_credits: all = [] }) =>
    toAddition(
      all.map((body, n) => fromRecurringCredit(body, `add_recurring_credits[${n}].`)),
      "add_recurring_credits",
    ),
});

const toAddition = (
  terms: readonly RecurringCommitTerms[],
  field: string,
): ContractChange<string[]> | undefined =>
  terms.length === 0
    ? undefined
    : {
        apply: (scope) => addRecurringTo(scope, terms, field),
        record: (ids, after) => ({
          [field]: pick(after.recurring, ids, ({ row }) => row.id).map(toRecurringCommitView),
        }),
      };

const AmountField = ObjectField({
  unit_price: Type.Optional(DecimalField({ minimum: "0" })),
  quantity: Type.Optional(DecimalField({ minimum: "0" })),
});

const updatable = {
  access_amount: Type.Optional(AmountField),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  rate_type: Type.Optional(EnumField(["LIST_RATE", "COMMIT_RATE"])),
};

const CommitUpdateField = ObjectField(
  {
    recurring_commit_id: IdField(),
    ...updatable,
    invoice_amount: Type.Optional(AmountField),
  },
  { unsupported: { proration_rounding: null } },
);

const CreditUpdateField = ObjectField(
  { recurring_credit_id: IdField(), ...updatable },
  { unsupported: { proration_rounding: null } },
);

/** Other terms of recurring commits, for children that have not started. */
export const updateRecurringCommitsPart = editPart({
  fields: { update_recurring_commits: many(CommitUpdateField) },
  toChange: ({ update_recurring_commits: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) =>
            updateRecurringCommits(
              scope,
              "COMMIT",
              updates.map(({ recurring_commit_id: id, invoice_amount: invoice, ...body }) => ({
                ...fromUpdate(id, body),
                invoice: fromAmount(invoice),
              })),
              "update_recurring_commits",
            ),
          record: () => ({
            update_recurring_commits: updates.map(
              ({ recurring_commit_id: id, invoice_amount: invoice, ...body }) => ({
                ...toRecord(id, body),
                ...(invoice && { invoice_amount: toAmountRecord(invoice) }),
              }),
            ),
          }),
        },
});

/** Other terms of recurring credits, for children that have not started. */
export const updateRecurringCreditsPart = editPart({
  fields: { update_recurring_credits: many(CreditUpdateField) },
  toChange: ({ update_recurring_credits: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) =>
            updateRecurringCommits(
              scope,
              "CREDIT",
              updates.map(({ recurring_credit_id: id, ...body }) => fromUpdate(id, body)),
              "update_recurring_credits",
            ),
          record: () => ({
            update_recurring_credits: updates.map(({ recurring_credit_id: id, ...body }) =>
              toRecord(id, body),
            ),
          }),
        },
});

type UpdateBody = Omit<Static<typeof CreditUpdateField>, "recurring_credit_id">;
type AmountBody = Static<typeof AmountField>;

const fromUpdate = (id: string, body: UpdateBody): RecurringCommitUpdate => ({
  id,
  access: fromAmount(body.access_amount),
  invoice: undefined,
  rateType: body.rate_type,
  endingBefore: body.ending_before == null ? body.ending_before : instant(body.ending_before),
});

const fromAmount = (body: AmountBody | undefined): RecurringCommitUpdate["access"] =>
  body && {
    unitPrice: body.unit_price === undefined ? undefined : dec(body.unit_price),
    quantity: body.quantity === undefined ? undefined : dec(body.quantity),
  };

const toRecord = (id: string, body: UpdateBody) => ({
  id,
  ...(body.access_amount && { access_amount: toAmountRecord(body.access_amount) }),
  ...(body.ending_before === undefined ? {} : { ending_before: body.ending_before }),
  ...(body.rate_type && { rate_type: body.rate_type }),
});

const toAmountRecord = ({ unit_price: price, quantity }: AmountBody) => ({
  ...(price === undefined ? {} : { unit_price: dec(price) }),
  ...(quantity === undefined ? {} : { quantity: dec(quantity) }),
});
