import type { Rule, RuleFinding } from "./decide-rules.ts";

/** What is sent of a bill of which drafts stand at providers already. */
export interface KeptSenders<R extends Rule> {
  readonly findings: readonly RuleFinding<R>[];
  /** Rules that match now, and would bill beside the one that has sent the draft. */
  readonly heldBack: readonly R[];
}

/**
 * A bill stays with the rules that have sent its draft, also when they do not match the account any
 * more: rules that match in their place are held back, because two of them would bill twice. Where every
 * sender still matches, further rules are further destinations, as ever.
 */
export function keepSenders<R extends Rule>(
  findings: readonly RuleFinding<R>[],
  senders: readonly R[],
): KeptSenders<R> {
  const matching = new Set(findings.map(({ rule }) => rule.id));
  const lost = senders.filter(({ id }) => !matching.has(id));
  if (lost.length === 0) return { findings, heldBack: [] };
  const known = new Set(senders.map(({ id }) => id));
  return {
    findings: [
      ...findings.filter(({ rule }) => known.has(rule.id)),
      ...lost.map(
        (rule): RuleFinding<R> =>
          rule.enabled ? { outcome: "send", rule } : { outcome: "disabled", rule },
      ),
    ],
    heldBack: findings
      .filter(({ outcome, rule }) => outcome === "send" && !known.has(rule.id))
      .map(({ rule }) => rule),
  };
}
