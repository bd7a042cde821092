import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { AccountDetailsTable } from "../db/tables/integrations.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

/** What the integrations surface knows of a customer beyond its name. */
export interface AccountDetails {
  readonly code: string | null;
  readonly emailAddress: string | null;
  readonly address: Readonly<Record<string, string>>;
  readonly currency: string | null;
  readonly purchaseOrderNumber: string | null;
  readonly daysBeforeBillDue: number | null;
  /** False: no integration sends this account's bills. */
  readonly sendsBills: boolean;
}

/** The details with who wrote them when. */
export interface StoredAccountDetails extends AccountDetails {
  readonly version: number;
  readonly createdBy: string | null;
  /** null: nothing was ever written. */
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

/** Of a customer that nobody gave details. */
export const NO_ACCOUNT_DETAILS: StoredAccountDetails = {
  code: null,
  emailAddress: null,
  address: {},
  currency: null,
  purchaseOrderNumber: null,
  daysBeforeBillDue: null,
  sendsBills: true,
  version: 1,
  createdBy: null,
  updatedAt: null,
  updatedBy: null,
};

const fromRow = (row: Selectable<AccountDetailsTable>): StoredAccountDetails => ({
  code: row.code,
  emailAddress: row.email_address,
  address: row.address,
  currency: row.currency,
  purchaseOrderNumber: row.purchase_order_number,
  daysBeforeBillDue: row.days_before_bill_due,
  sendsBills: row.sends_bills,
  version: row.version,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
});

/** The details of customers by their id; one without a row has none in the map. */
export async function listAccountDetails(
  db: CoreDb,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, StoredAccountDetails>> {
  if (customerIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("account_details")
    .selectAll()
    .where("customer_id", "=", sql<string>`any(${customerIds}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.customer_id, fromRow(row)]));
}

export interface WrittenAccountDetails extends AccountDetails {
  readonly customerId: string;
  readonly environmentId: string;
  readonly version: number;
  /** Only when the customer is made. */
  readonly createdBy: string | null;
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/** Replaces a customer's details. Throws conflict when its code is another's. */
export async function writeAccountDetails(
  tx: CoreTransaction,
  written: WrittenAccountDetails,
): Promise<void> {
  const { customerId, environmentId, createdBy } = written;
  const columns = {
    code: written.code,
    email_address: written.emailAddress,
    address: JSON.stringify(written.address),
    currency: written.currency,
    purchase_order_number: written.purchaseOrderNumber,
    days_before_bill_due: written.daysBeforeBillDue,
    sends_bills: written.sendsBills,
    version: written.version,
    updated_at: written.updatedAt,
    updated_by: written.updatedBy,
  };
  try {
    await tx
      .insertInto("account_details")
      .values({
        customer_id: customerId,
        environment_id: environmentId,
        created_by: createdBy,
        ...columns,
      })
      .onConflict((clash) => clash.column("customer_id").doUpdateSet(columns))
      .execute();
  } catch (error) {
    if (violatedConstraint(error) !== "account_details_code") throw error;
    throw conflict(`Another account has the code ${JSON.stringify(written.code)}`, "code_taken");
  }
}
