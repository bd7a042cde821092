import { type Static, Type } from "typebox";
import {
  archiveContractCommits,
  editContractCommits,
} from "../../operations/change-contract-commits.ts";
import type { CommitUpdate } from "../../operations/record-commit-change.ts";
import {
  type EditCommitBody,
  type EditCreditBody,
  editableFields,
  fromEditable,
  fromItemEdits,
  InvoiceScheduleEditField,
  unsupportedEdits,
} from "../schemas/edit-commit.ts";
import { DecimalField, IdField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { editPart, many, RemovalField, toRecordedFields, toUpdateRecord } from "./edit-part.ts";

/** Contracts are renewed, so only what belongs to one rolls over. */
const rollover = {
  rollover_fraction: Type.Optional(NullableField(DecimalField({ minimum: "0", maximum: "1" }))),
};

const CommitUpdateField = ObjectField(
  {
    commit_id: IdField(),
    ...editableFields,
    ...rollover,
    invoice_schedule: Type.Optional(InvoiceScheduleEditField()),
  },
  { unsupported: unsupportedEdits },
);

const CreditUpdateField = ObjectField(
  { credit_id: IdField(), ...editableFields, ...rollover },
  { unsupported: unsupportedEdits },
);

/** Other terms, access and purchase of the contract's commits. */
export const updateCommitsPart = editPart({
  fields: { update_commits: many(CommitUpdateField) },
  toChange: ({ update_commits: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) =>
            editContractCommits(scope, updates.map(fromCommitUpdate), "commit", "update_commits"),
          record: () => ({
            update_commits: updates.map((update) => toUpdateRecord(update, "commit_id")),
          }),
        },
});

/** Other terms and access of the contract's credits. */
export const updateCreditsPart = editPart({
  fields: { update_credits: many(CreditUpdateField) },
  toChange: ({ update_credits: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) =>
            editContractCommits(scope, updates.map(fromCreditUpdate), "credit", "update_credits"),
          record: () => ({
            update_credits: updates.map((update) => toUpdateRecord(update, "credit_id")),
          }),
        },
});

const fromCommitUpdate = (update: Static<typeof CommitUpdateField>) => ({
  ...fromEditable(update),
  rolloverFraction: update.rollover_fraction,
  id: update.commit_id,
  invoices: fromItemEdits(update.invoice_schedule),
});

const fromCreditUpdate = (update: Static<typeof CreditUpdateField>) => ({
  ...fromEditable(update),
  rolloverFraction: update.rollover_fraction,
  id: update.credit_id,
});

/** What the body of an edit of one commit changes of it, as the history of its contract shows it. */
export function toCommitUpdate(body: Static<typeof EditCommitBody>): CommitUpdate {
  // A contract's commit is billed by its contract, so naming that one changes nothing.
  const { commit_id, customer_id, invoice_contract_id, ...update } = body;
  return toRecordedFields(update);
}

/** As toCommitUpdate, of one credit. */
export function toCreditUpdate(body: Static<typeof EditCreditBody>): CommitUpdate {
  const { credit_id, customer_id, ...update } = body;
  return toRecordedFields(update);
}

/** Commits of the contract that are taken out of use. */
export const archiveCommitsPart = editPart({
  fields: { archive_commits: many(RemovalField) },
  toChange: ({ archive_commits: commits = [] }) =>
    commits.length === 0
      ? undefined
      : {
          apply: (scope) => archiveContractCommits(scope, commits, "commit", "archive_commits"),
          record: () => ({ archive_commits: commits }),
        },
});

/** Credits of the contract that are taken out of use. */
export const archiveCreditsPart = editPart({
  fields: { archive_credits: many(RemovalField) },
  toChange: ({ archive_credits: credits = [] }) =>
    credits.length === 0
      ? undefined
      : {
          apply: (scope) => archiveContractCommits(scope, credits, "credit", "archive_credits"),
          record: () => ({ archive_credits: credits }),
        },
});
