import type { CoreTransaction } from "../db/database.ts";
import {
  BILL_OPTIONS,
  GLOBAL_OPTIONS,
  warnOfOptions,
} from "../domain/integrations/bill-options.ts";
import type { IntegrationOptions } from "../domain/integrations/integration-options.ts";
import { invalid } from "../errors.ts";
import {
  type Given,
  type IntegrationTarget,
  initialValues,
  readAllFields,
} from "../providers/integration-target.ts";
import { findUnknownCustomers } from "../store/customers.ts";
import { lockUsers } from "../store/organization-users.ts";
import { checkAccountFilter } from "./check-account-filter.ts";
import type { OperationContext } from "./context.ts";

const PREFIX = "configData.";
const SHARED = { ...GLOBAL_OPTIONS, ...BILL_OPTIONS };
const SHOWN_IDS = 5;

const isShared = (name: string): boolean => Object.hasOwn(SHARED, name);

/** `configData` checked and completed, by its form alone. Throws invalid, naming `configData.<option>`. */
export function readConfigData(target: IntegrationTarget, configData: Given): IntegrationOptions {
  const entries = Object.entries(configData);
  const shared = Object.fromEntries(entries.filter(([name]) => isShared(name)));
  const own = Object.fromEntries(entries.filter(([name]) => !isShared(name)));
  const options = readAllFields(SHARED, shared, PREFIX) as unknown as IntegrationOptions;
  if (options.accountFilter !== null) checkAccountFilter(options.accountFilter);
  return { ...options, destination: target.readOptions(own) };
}

/** Every option with the value that holds, under its name in `configData`. */
export const toConfigData = (target: IntegrationTarget, options: IntegrationOptions): Given => {
  const { destination, ...shared } = options;
  const initial = { ...initialValues(SHARED), ...initialValues(target.options) };
  return { ...initial, ...shared, ...destination };
};

/** What somebody who reads or saves these options should know. */
export const warnOf = (target: IntegrationTarget, options: IntegrationOptions): string[] => [
  ...warnOfOptions(options),
  ...target.warnOf(options.destination),
];

function refuseUnknown(unknown: readonly string[], option: string, what: string): void {
  if (unknown.length === 0) return;
  const field = `${PREFIX}${option}`;
  const more = unknown.length > SHOWN_IDS ? ` and ${unknown.length - SHOWN_IDS} more` : "";
  const shown = unknown.slice(0, SHOWN_IDS).join(", ");
  throw invalid(`${field} names ${what} that do not exist: ${shown}${more}`, field);
}

/**
 * As readConfigData, with what it refers to: accounts that do not exist are refused, and users, who
 * cannot be deleted until the transaction ends.
 */
export async function readIntegrationOptions(
  tx: CoreTransaction,
  { environment }: OperationContext,
  target: IntegrationTarget,
  configData: Given,
): Promise<IntegrationOptions> {
  const options = readConfigData(target, configData);
  const { accountIds, restrictedAccountIds, disabledNotificationUserIds: userIds } = options;
  const named = [...accountIds, ...restrictedAccountIds];
  const unknown = new Set(await findUnknownCustomers(tx, environment.id, named));
  const among = (ids: readonly string[]) => ids.filter((id) => unknown.has(id));
  refuseUnknown(among(accountIds), "accountIds", "accounts");
  refuseUnknown(among(restrictedAccountIds), "restrictedAccountIds", "accounts");
  const users = new Set((await lockUsers(tx, environment.id, userIds)).map(({ id }) => id));
  const missing = userIds.filter((id) => !users.has(id));
  refuseUnknown(missing, "disabledNotificationUserIds", "users");
  return options;
}
