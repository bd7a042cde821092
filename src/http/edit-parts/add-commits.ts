import { addCommitsTo } from "../../operations/add-to-contract.ts";
import {
  ContractCommitField,
  ContractCreditField,
  fromCommit,
  fromCredit,
} from "../schemas/commit-fields.ts";
import { toCommitView } from "../views/commit.ts";
import { editPart, many, pick } from "./edit-part.ts";

/** New commits of the contract. */
export const addCommitsPart = editPart({
  fields: { add_commits: many(ContractCommitField()) },
  toChange: ({ add_commits: commits = [] }) =>
    commits.length === 0
      ? undefined
      : {
          apply: (scope) =>
            addCommitsTo(
              scope,
              commits.map((commit, n) => fromCommit(commit, `add_commits[${n}].`)),
              "add_commits",
            ),
          record: (ids, after) => ({
            add_commits: pick(after.commits, ids, ({ record }) => record.row.id).map(toCommitView),
          }),
        },
});

/** New credits of the contract. */
export const addCreditsPart = editPart({
  fields: { add_credits: many(ContractCreditField()) },
  toChange: ({ add_credits: credits = [] }) =>
    credits.length === 0
      ? undefined
      : {
          apply: (scope) => addCommitsTo(scope, credits.map(fromCredit), "add_credits"),
          record: (ids, after) => ({
            add_credits: pick(after.credits, ids, ({ record }) => record.row.id).map(toCommitView),
          }),
        },
});
