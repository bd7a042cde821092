import type { Static } from "typebox";
import { addCommitsTo } from "../../operations/add-to-contract.ts";
import type { ContractChange } from "../../operations/edit-contract.ts";
import {
  ContractCommitField,
  ContractCreditField,
  fromCommit,
  fromCredit,
} from "../schemas/commit-fields.ts";
import { toCommitView } from "../views/commit.ts";
import { editPart, many, pick } from "./edit-part.ts";

type CommitBody = Static<ReturnType<typeof ContractCommitField>>;
type CreditBody = Static<ReturnType<typeof ContractCreditField>>;

/** New commits of the contract. `field` is what the request calls them. */
export function toAddCommits(
  commits: readonly CommitBody[],
  field: string,
): ContractChange<string[]> | undefined {
  if (commits.length === 0) return undefined;
  const terms = commits.map((commit, n) => fromCommit(commit, `${field}[${n}].`));
  return {
    apply: (scope) => addCommitsTo(scope, terms, field),
    record: (ids, after) => ({
      add_commits: pick(after.commits, ids, ({ record }) => record.row.id).map(toCommitView),
    }),
  };
}

/** New credits of the contract. `field` is what the request calls them. */
export const toAddCredits = (
  credits: readonly CreditBody[],
  field: string,
): ContractChange<string[]> | undefined =>
  credits.length === 0
    ? undefined
    : {
        apply: (scope) => addCommitsTo(scope, credits.map(fromCredit), field),
        record: (ids, after) => ({
          add_credits: pick(after.credits, ids, ({ record }) => record.row.id).map(toCommitView),
        }),
      };

export const addCommitsPart = editPart({
  fields: { add_commits: many(ContractCommitField()) },
  toChange: ({ add_commits: commits = [] }) => toAddCommits(commits, "add_commits"),
});

export const addCreditsPart = editPart({
  fields: { add_credits: many(ContractCreditField()) },
  toChange: ({ add_credits: credits = [] }) => toAddCredits(credits, "add_credits"),
});
