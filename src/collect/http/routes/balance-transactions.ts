import { mergeMetadata } from "../../domain/metadata.ts";
import { adjustBalance } from "../../operations/adjust-balance.ts";
import { toBalanceTransaction } from "../../serializers/to-balance-transaction.ts";
import {
  getBalanceTransaction,
  listBalanceTransactions,
  listBalanceTransactionsByIds,
} from "../../store/balance-transactions.ts";
import { getCustomer, lockCustomer } from "../../store/customers.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { amount, currency, metadata, optional, paging, text } from "../params.ts";
import type { Resource } from "../resource.ts";

export const balanceTransactionResource: Resource = {
  object: "customer_balance_transaction",
  references: { credit_note: "credit_note", customer: "customer", invoice: "invoice" },
  async load(scope, ids) {
    const rows = await listBalanceTransactionsByIds(scope, ids);
    return new Map(rows.map((row) => [row.id, toBalanceTransaction(row)]));
  },
};

export const balanceTransactionEndpoints = [
  endpoint({
    method: "POST",
    path: "/v1/customers/:customer/balance_transactions",
    params: {
      amount: amount(),
      currency: currency(),
      description: optional(text(350)),
      metadata: optional(metadata()),
    },
    returns: "customer_balance_transaction",
    handler: async ({ scope, path, params }) => {
      const customer = await lockCustomer(scope, path.customer);
      const { transaction } = await adjustBalance(scope, customer, {
        amountMinor: params.amount,
        currency: params.currency,
        type: "adjustment",
        description: params.description ?? null,
        metadata: mergeMetadata({}, params.metadata),
      });
      return toBalanceTransaction(transaction);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/customers/:customer/balance_transactions",
    params: paging,
    returns: { listOf: "customer_balance_transaction" },
    handler: async ({ scope, path, params }) => {
      const customer = await getCustomer(scope, path.customer);
      const page = await listBalanceTransactions(scope, customer.id, toPageQuery(params));
      return toList(
        `/v1/customers/${customer.id}/balance_transactions`,
        page,
        toBalanceTransaction,
      );
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/customers/:customer/balance_transactions/:transaction",
    params: {},
    returns: "customer_balance_transaction",
    handler: async ({ scope, path }) =>
      toBalanceTransaction(await getBalanceTransaction(scope, path.customer, path.transaction)),
  }),
];
