import { expect, test } from "vitest";
import { BILL_OPTIONS, GLOBAL_OPTIONS, warnOfOptions } from "./bill-options.ts";
import { DEFAULT_INTEGRATION_OPTIONS } from "./integration-options.ts";

const { accountIds } = GLOBAL_OPTIONS;
const { onlySendBillOnApproval, excludedLineItemTypes, sortLineItemsBy, accountFilter } =
  BILL_OPTIONS;
const A = "0b6f6bd6-52a4-4b27-9b3e-5c6d1d5e8f00";
const B = "1b6f6bd6-52a4-4b27-9b3e-5c6d1d5e8f01";

test.each([
  [onlySendBillOnApproval, true, true, "a switch"],
  [onlySendBillOnApproval, "true", true, "as text, which is how Terraform sends it"],
  [onlySendBillOnApproval, " False ", false, "in any case"],
  [accountIds, [A, B], [A, B], "an array"],
  [accountIds, `${A}, ${B},`, [A, B], "a comma list, with a comma at its end"],
  [accountIds, [A.toUpperCase(), A], [A], "each id once, in lower case"],
  [accountIds, "", [], "an empty list"],
  [accountIds, [], [], "an empty list"],
  [excludedLineItemTypes, "usage, ad_hoc", ["USAGE", "AD_HOC"], "types in any case"],
  [sortLineItemsBy, "Aggregation ID", "AGGREGATION_ID", "the guide's words"],
  [sortLineItemsBy, "aggregation_id", "AGGREGATION_ID", "with an underscore"],
  [sortLineItemsBy, "none", "NONE", "in any case"],
  [accountFilter, " true ", "true", "text without blanks round it"],
  [accountFilter, "  ", null, "blank text is none"],
])("%#: %j is %j: %s", (field, given, value, _why) => {
  expect(field.read(given)).toEqual({ value });
});

test.each([
  [onlySendBillOnApproval, 1, "a number is no switch"],
  [onlySendBillOnApproval, "yes", "only true and false"],
  [onlySendBillOnApproval, [true], "a list of one is no switch"],
  [accountIds, [1], "a number is no id"],
  [accountIds, "acme", "a name is no id"],
  [accountIds, { 0: A }, "an object is no list"],
  [accountIds, [[A]], "a list in a list"],
  [excludedLineItemTypes, ["USAGES"], "unknown types"],
  [sortLineItemsBy, "amount", "unknown orders"],
  [sortLineItemsBy, 0, "a number"],
  [accountFilter, "x".repeat(2001), "too long"],
  [accountFilter, "a\0b", "text that the database cannot hold"],
])("%#: %j is refused: %s", (field, given, _why) => {
  expect(field.read(given)).toEqual({ expected: expect.any(String) });
});

test("the first values of the options are the defaults that are documented", () => {
  const initial = Object.entries({ ...GLOBAL_OPTIONS, ...BILL_OPTIONS }).map(([name, field]) => [
    name,
    field.initial,
  ]);
  const { destination, ...rest } = DEFAULT_INTEGRATION_OPTIONS;
  expect(destination).toEqual({});
  expect(Object.fromEntries(initial)).toEqual(rest);
});

test("an account in both lists, and types that lower a bill, are warned of", () => {
  expect(warnOfOptions(DEFAULT_INTEGRATION_OPTIONS)).toEqual([]);
  const ids = Array.from({ length: 8 }, (_, index) => A.replace("0b6f", `0b6${index}`));
  const many = { ...DEFAULT_INTEGRATION_OPTIONS, accountIds: ids, restrictedAccountIds: ids };
  expect(warnOfOptions(many)).toHaveLength(6);
  expect(warnOfOptions(many).at(-1)).toBe("So are 3 more accounts");
  expect(
    warnOfOptions({
      ...DEFAULT_INTEGRATION_OPTIONS,
      accountIds: [A, B],
      restrictedAccountIds: [B],
      excludedLineItemTypes: ["USAGE", "BALANCE_CONSUMED"],
    }),
  ).toEqual([
    `Account ${B} is both selected and restricted: nothing of it is sent`,
    "Lines of type BALANCE_CONSUMED are left out, so the customer pays more than the bill says",
  ]);
});
