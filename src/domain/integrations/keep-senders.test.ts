import { expect, test } from "vitest";
import type { Rule, RuleFinding } from "./decide-rules.ts";
import { DEFAULT_INTEGRATION_OPTIONS } from "./integration-options.ts";
import { keepSenders } from "./keep-senders.ts";

const rule = (id: string, enabled = true): Rule => ({
  id,
  name: id,
  connectionId: `connection of ${id}`,
  exclusiveGroup: null,
  enabled,
  options: DEFAULT_INTEGRATION_OPTIONS,
});
const sends = (id: string): RuleFinding<Rule> => ({ outcome: "send", rule: rule(id) });

test.each<
  readonly [
    why: string,
    matching: readonly string[],
    senders: readonly Rule[],
    sent: readonly string[],
    heldBack: readonly string[],
  ]
>([
  ["no draft stands anywhere", ["us", "uk"], [], ["send us", "send uk"], []],
  ["its sender still matches", ["us"], [rule("us")], ["send us"], []],
  ["a further destination joins it", ["us", "books"], [rule("us")], ["send us", "send books"], []],
  ["the account moved to another rule", ["uk"], [rule("us")], ["send us"], ["uk"]],
  ["the account matches nothing any more", [], [rule("us")], ["send us"], []],
  ["its sender was switched off meanwhile", ["uk"], [rule("us", false)], ["disabled us"], ["uk"]],
  [
    "of two senders one does not match any more",
    ["us", "uk"],
    [rule("us"), rule("books")],
    ["send us", "send books"],
    ["uk"],
  ],
])("%s", (_why, matching, senders, sent, heldBack) => {
  const kept = keepSenders(matching.map(sends), senders);
  expect(kept.findings.map((each) => `${each.outcome} ${each.rule.id}`)).toEqual(sent);
  expect(kept.heldBack.map(({ id }) => id)).toEqual(heldBack);
});
