import { expect, test } from "vitest";
import { toOperationId } from "./operation-id.ts";

test.each([
  ["GET", "/v1/customers/:customer_id/invoices/:invoice_id", "getCustomerInvoice", "one of them"],
  ["GET", "/v1/customers/:customer_id/invoices", "getCustomerInvoices", "all of them"],
  ["PUT", "/v1/invoices/:id/external-invoice", "setInvoiceExternalInvoice", "part of another"],
  ["POST", "/v1/customers", "createCustomer", "what is made is one"],
  ["POST", "/v1/contracts/create", "createContract", "the action is in the URL"],
  ["POST", "/v2/contracts/list", "listContractsV2", "the version is told"],
  ["POST", "/v1/customers/:customer_id/setName", "setCustomerName", "an action with an object"],
  ["POST", "/v1/contract-pricing/rate-cards/addRate", "addRateCardRate", "groups say nothing"],
  [
    "POST",
    "/v1/contract-pricing/rate-cards/setRateCardProductsOrder",
    "setRateCardProductsOrder",
    "no word twice",
  ],
  [
    "POST",
    "/v1/setCustomerBillingProviderConfigurations",
    "setCustomerBillingProviderConfigurations",
    "nothing but the action",
  ],
  ["GET", "/v1/credit-types/list", "listCreditTypes", "a GET may say so, too"],
  [
    "POST",
    "/v1/connections/:id/rotate-webhook-secret",
    "rotateConnectionWebhookSecret",
    "in other words",
  ],
  ["DELETE", "/v1/webhook-endpoints/:id", "deleteWebhookEndpoint", "by its method"],
])("%s %s is %s: %s", (method, url, id) => {
  expect(toOperationId(method, url)).toBe(id);
});
