import type { CoreDb } from "../db/database.ts";

/** What an account and its contract say of how their bills are paid. */
export interface BillingDetails {
  readonly customerName: string;
  /** null: the contract has no name. */
  readonly contractName: string | null;
  /** The contract's, else the account's. */
  readonly purchaseOrderNumber: string | null;
  /** Days from the date of issue until a bill is due; null: the account does not say. */
  readonly daysBeforeBillDue: number | null;
}

/** The details that go with the bills of a customer under one of its contracts. */
export async function getBillingDetails(
  db: CoreDb,
  customerId: string,
  contractId: string,
): Promise<BillingDetails> {
  const row = await db
    .selectFrom("customers")
    .leftJoin("account_details as account", "account.customer_id", "customers.id")
    .leftJoin("contracts as terms", (join) => join.on("terms.id", "=", contractId))
    .leftJoin("contract_details as contract", (join) =>
      join.on("contract.contract_id", "=", contractId),
    )
    .where("customers.id", "=", customerId)
    .select([
      "customers.name",
      "terms.name as contractName",
      "account.purchase_order_number as ofAccount",
      "contract.purchase_order_number as ofContract",
      "account.days_before_bill_due as days",
    ])
    .executeTakeFirstOrThrow();
  return {
    customerName: row.name,
    contractName: row.contractName,
    purchaseOrderNumber: row.ofContract ?? row.ofAccount,
    daysBeforeBillDue: row.days,
  };
}
