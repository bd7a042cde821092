import { expect, test } from "vitest";
import type { RuledAccount } from "./account.ts";
import { decideRules, type FilterOutcome, type Rule } from "./decide-rules.ts";
import { DEFAULT_INTEGRATION_OPTIONS, type IntegrationOptions } from "./integration-options.ts";

const account: RuledAccount = {
  id: "a",
  name: "Acme",
  code: null,
  address: {},
  currency: null,
  customFields: {},
  sendsBills: true,
};

type Given = Partial<Omit<Rule, "options">> & { options?: Partial<IntegrationOptions> };

const rule = (id: string, { options, ...given }: Given = {}): Rule => ({
  id,
  name: id,
  connectionId: "c",
  exclusiveGroup: null,
  enabled: true,
  ...given,
  options: { ...DEFAULT_INTEGRATION_OPTIONS, ...options },
});

/** "yes" and "no" are filters; every other one has no answer. */
const applyFilter = (expression: string): FilterOutcome => {
  if (expression === "yes") return { outcome: "match" };
  return expression === "no" ? { outcome: "no_match" } : { outcome: "error", message: "why" };
};

const show = (rules: readonly Rule[], given: RuledAccount = account): string =>
  decideRules(rules, given, applyFilter)
    .map((found) => `${found.rule.id} ${found.outcome === "refuse" ? found.code : found.outcome}`)
    .join(", ");

const lists = (accountIds: string[], restrictedAccountIds: string[] = []) =>
  rule("r", { options: { accountIds, restrictedAccountIds } });

test.each([
  ["no list and no filter: everybody", [rule("r")], "r send"],
  ["two rules: both, in their order", [rule("r"), rule("s")], "r send, s send"],
  ["listed", [lists(["a", "b"])], "r send"],
  ["others are listed", [lists(["b"])], ""],
  ["restricted", [lists([], ["a"])], ""],
  ["others are restricted", [lists([], ["b"])], "r send"],
  ["in both lists: denied", [lists(["a"], ["a"])], ""],
  ["not connected yet", [rule("r", { connectionId: null })], ""],
  ["the filter holds", [rule("r", { options: { accountFilter: "yes" } })], "r send"],
  ["the filter does not hold", [rule("r", { options: { accountFilter: "no" } })], ""],
  ["the filter has no answer", [rule("r", { options: { accountFilter: "?" } })], "r filter_error"],
  [
    "a list that denies comes before a filter without an answer",
    [rule("r", { options: { restrictedAccountIds: ["a"], accountFilter: "?" } })],
    "",
  ],
  ["disabled", [rule("r", { enabled: false })], "r disabled"],
  ["disabled, and no match", [rule("r", { enabled: false, options: { accountFilter: "no" } })], ""],
  [
    "disabled, and no answer: it waits to be enabled",
    [rule("r", { enabled: false, options: { accountFilter: "?" } })],
    "r disabled",
  ],
  ["one of a group", [rule("r", { exclusiveGroup: "g" })], "r send"],
  [
    "two of a group, and one outside of it",
    [rule("r", { exclusiveGroup: "g" }), rule("s"), rule("t", { exclusiveGroup: "g" })],
    "r exclusive_group_conflict, s send, t exclusive_group_conflict",
  ],
  [
    "of two in a group one does not match",
    [
      rule("r", { exclusiveGroup: "g" }),
      rule("s", { exclusiveGroup: "g", options: { accountFilter: "no" } }),
    ],
    "r send",
  ],
  [
    "a disabled one is no rival",
    [rule("r", { exclusiveGroup: "g" }), rule("s", { exclusiveGroup: "g", enabled: false })],
    "r send, s disabled",
  ],
  [
    "different groups",
    [rule("r", { exclusiveGroup: "g" }), rule("s", { exclusiveGroup: "h" })],
    "r send, s send",
  ],
])("%s", (_what, rules, expected) => {
  expect(show(rules)).toBe(expected);
});

test("an account that opted out goes to nobody", () => {
  expect(show([rule("r")], { ...account, sendsBills: false })).toBe("");
});
