import { missing } from "../../errors.ts";
import { toAccount } from "../../serializers/to-account.ts";
import { endpoint } from "../endpoint.ts";

/** The account that a key belongs to; it is managed under /ledgerline/accounts. */
export const accountEndpoints = [
  endpoint({
    method: "GET",
    path: "/v1/account",
    params: {},
    returns: "account",
    handler: async ({ scope }) => toAccount(scope.account),
  }),
  endpoint({
    method: "GET",
    path: "/v1/accounts/:account",
    params: {},
    returns: "account",
    handler: async ({ scope, path }) => {
      if (path.account !== scope.accountId) throw missing("account", path.account, "account");
      return toAccount(scope.account);
    },
  }),
];
