import { Type } from "typebox";
import { applyAccountFilter } from "../../../operations/account-filter.ts";
import { checkAccountFilter } from "../../../operations/check-account-filter.ts";
import { listRuledAccounts, type PlacedAccount } from "../../../store/ruled-accounts.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { toPage } from "../../pagination.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";

const toView = (accountFilter: string) => (account: PlacedAccount) => {
  const result = applyAccountFilter(accountFilter, account);
  return {
    accountId: account.id,
    accountName: account.name,
    accountCode: account.code,
    outcome: result.outcome.toUpperCase(),
    ...(result.outcome === "error" ? { error: result.message } : {}),
  };
};

/** Which accounts a filter would take, before it is saved. */
export function addFilterPreviewRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: `${ORGANIZATION}/integrationconfigs/preview-filter`,
    schema: {
      tags: ["integrations: configurations"],
      summary: "Which accounts an account filter matches, which not, and where it has no answer",
      params: ObjectField(orgParams),
      body: ObjectField({
        accountFilter: TextField({ max: 10_000 }),
        accountIds: Type.Optional(Type.Array(IdField(), { minItems: 1, maxItems: 200 })),
        ...orgPageQuery,
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { accountFilter, accountIds } = request.body;
      checkAccountFilter(accountFilter, "accountFilter");
      const { after, limit } = readPageQuery(request.body);
      const rows = await listRuledAccounts(ctx.db, ctx.environment.id, {
        ids: accountIds,
        after,
        limit,
      });
      return toTokenPage(toPage(rows, limit), toView(accountFilter));
    },
  });
}
