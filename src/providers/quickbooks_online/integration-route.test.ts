import { expect, test } from "vitest";
import { quickBooksRoute } from "./integration-route.ts";
import { payerOf } from "./route-options.ts";

const route = (destination: Readonly<Record<string, unknown>>, customer: string | undefined) =>
  quickBooksRoute.toRouteOptions(destination, {
    customer: customer ?? "",
    subscription: undefined,
  });

test("the mapped customer pays, and has its deliveries to itself", () => {
  const options = route({ sendDueDate: true, taxCodeId: null, defaultItemId: "9" }, "58");
  expect(options).toEqual({ qbo_customer_id: "58", default_item_id: "9" });
  expect(payerOf(options)).toBe("58");
});

test("without a mapping the document names its customer, as over a billing configuration", async () => {
  const connection = { id: "c", environment: "SANDBOX", builtIn: false } as const;
  const payer = await quickBooksRoute.findPayer(
    { ...connection, credential: {}, settings: {} },
    "an account",
  );
  expect(payer).toBeDefined();
  const options = route({ sendDueDate: false }, payer);
  expect(options).toEqual({ send_due_date: false });
  expect(payerOf(options)).toBeUndefined();
});

test("there are no drafts: none is sent, and what a skipped delivery left in the books stays", () => {
  expect(quickBooksRoute.sendsDrafts({})).toBe(false);
  expect(quickBooksRoute.withdraw("123")).toBeUndefined();
});

test("people see documents where the company keeps them", () => {
  const sandbox = { environment: "SANDBOX", builtIn: false, settings: {} } as const;
  expect(quickBooksRoute.documentUrl(sandbox, "123")).toBe(
    "https://sandbox.qbo.intuit.com/app/invoice?txnId=123",
  );
  const production = { environment: "PRODUCTION", builtIn: false, settings: {} } as const;
  expect(quickBooksRoute.documentUrl(production, "creditmemo-77")).toBe(
    "https://qbo.intuit.com/app/creditmemo?txnId=77",
  );
});
