import { describe, expect, test } from "vitest";
import { codeOf, readFault, toWriteFailure } from "./faults.ts";

const ofBooks = (code: string, Message = "Something", element = "") => ({
  Fault: { Error: [{ Message, Detail: "secret of a customer", code, element }], type: "x" },
  time: "2026-03-01T00:00:00Z",
});
const ofGate = (code: string) => ({
  fault: { error: [{ message: "Gate", detail: "Token abc", code, element: null }], type: "AUTH" },
});

describe("what a failed call asks for", () => {
  test.each([
    [401, ofGate("3200"), "access", "the token is over"],
    [401, ofBooks("120"), "access", "the person is no administrator any more"],
    [403, ofGate("3100"), "access", "the app is not let in"],
    [403, undefined, "access", "not let in, without a word"],
    [429, ofGate("3001"), "throttled", "too many calls"],
    [429, undefined, "throttled", "too many calls, told in XML"],
    [403, ofGate("3001"), "throttled", "too many calls, under another status"],
    [500, ofBooks("10000"), "unknown", "trouble of theirs"],
    [502, undefined, "unknown", "a page of a gateway"],
    [200, undefined, "unknown", "a page that says it is well"],
    [504, undefined, "unknown", "no answer of the books in time"],
    [400, ofBooks("600"), "look", "the request id was used"],
    [400, ofBooks("6140"), "look", "the number is taken"],
    [400, ofBooks("6240"), "look", "the name is taken"],
    [400, ofBooks("5010"), "look", "somebody changed it meanwhile"],
    [400, ofBooks("610"), "refused", "what is named is not there, or not active"],
    [400, ofBooks("2500"), "refused", "a reference that leads nowhere"],
    [400, ofBooks("6000"), "refused", "a rule of the books"],
    [400, ofBooks("6070"), "refused", "an amount that is not the product"],
    [400, ofBooks("6210"), "refused", "the books are closed"],
    [400, ofBooks("2050"), "refused", "a text that is too long"],
    [200, ofBooks("6000"), "refused", "a fault that comes with a good status"],
    [400, ofBooks("99999"), "refused", "a code that nobody knows"],
    [404, undefined, "refused", "a path that is not there"],
  ])("%s %j: %s, since it is %s", (status, body, reaction, _why) => {
    expect(readFault(status, body, undefined)?.reaction).toBe(reaction);
  });

  test("an answer is no fault", () => {
    expect(readFault(200, { Invoice: { Id: "1" } }, undefined)).toBeUndefined();
  });

  test("its words hold nothing of the detail, and the remedy where there is one", () => {
    const message = readFault(400, ofBooks("6210", "Account Period Closed"), "tid")?.message;
    expect(message).toContain("Account Period Closed (6210).");
    expect(message).toContain("books are closed");
    // What Intuit's support asks for.
    expect(message).toContain("Intuit's number of the call: tid.");
    expect(message).not.toContain("secret");
    expect(readFault(401, ofGate("3200"), "tid")?.message).not.toContain("abc");
  });
});

test.each([
  ["610", /make it active again.*retry\. It is named by a mapping or a setting/],
  ["2500", /correct what names it, then retry/],
  ["6000", /tax_code_id.*retry/],
  ["2030", /correct what names it, then retry\. It is named by a mapping or a setting/],
  ["6190", /renew it.*retry/],
  ["6430", /income_account_id.*retry/],
  ["6210", /open them and retry/],
  ["6070", /report it.*number of the call: tid/],
  ["2050", /report it/],
])("%s says what to do next", (code, expected) => {
  expect(readFault(400, ofBooks(code), "tid")?.message).toMatch(expected);
});

test.each([
  ["CustomerRef", /named by qbo_customer_id/],
  ["Line.SalesItemLineDetail.ItemRef", /named by an external mapping, qbo_item_id/],
  ["SalesTermRef", /named by a mapping or a setting/],
])("what %s refers to is named by something of ours", (element, expected) => {
  expect(readFault(400, ofBooks("610", "Gone", element), "tid")?.message).toMatch(expected);
});

test.each([
  ["2020", "CurrencyRef", ""],
  ["6000", "CurrencyRef", ""],
  ["2020", "", "Required parameter CurrencyRef is missing in the request"],
  ["6000", "", "Multi Currency should be enabled to perform this operation"],
])("%s about a currency (%s, %s) is told as such, and what to do", (code, element, Detail) => {
  const fault = { Message: "Something", Detail, code, element };
  const message = readFault(400, { Fault: { Error: [fault] } }, undefined)?.message;
  expect(message).toMatch(/settings\.multicurrency.*home_currency.*test.*retry/);
  expect(message).not.toMatch(/report it|tax_code_id|Required parameter|should be enabled/);
});

test.each([
  [401, ofGate("3200"), "auth_failed"],
  [401, ofBooks("120"), "permission_denied"],
  [403, undefined, "permission_denied"],
  [400, ofBooks("6210"), "accounting_period_closed"],
  [400, ofBooks("6000"), "quickbooks_6000"],
] as const)("%s %j has the code %s", (status, body, code) => {
  const fault = readFault(status, body, undefined);
  expect(fault && codeOf(fault)).toBe(code);
});

test.each([
  [429, undefined, { outcome: "retry", afterSeconds: 60, throttled: true, newKey: false }],
  [500, undefined, { outcome: "retry", newKey: false }],
  [400, ofBooks("6140"), { outcome: "rejected", replayed: true }],
  [400, ofBooks("6000"), { outcome: "rejected", replayed: false }],
] as const)("%s %j of a write comes to %j", (status, body, expected) => {
  const fault = readFault(status, body, undefined);
  expect(fault && toWriteFailure(fault)).toMatchObject(expected);
});
