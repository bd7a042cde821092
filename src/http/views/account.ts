import type { Account } from "../../operations/save-account.ts";

/** An account as the integrations surface shows it; what it does not have is null. */
export const toAccountView = ({ customer, ...account }: Account) => ({
  id: customer.id,
  name: customer.name,
  code: account.code,
  emailAddress: account.emailAddress,
  address: account.address,
  currency: account.currency,
  purchaseOrderNumber: account.purchaseOrderNumber,
  daysBeforeBillDue: account.daysBeforeBillDue,
  customFields: account.customFields,
  configData: { SendBillsToThirdParties: String(account.sendsBills) },
  version: account.version,
  dtCreated: customer.createdAt,
  dtLastModified: account.updatedAt ?? customer.updatedAt,
  createdBy: account.createdBy,
  lastModifiedBy: account.updatedBy,
});
