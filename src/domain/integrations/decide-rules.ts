import type { RuledAccount } from "./account.ts";
import type { IntegrationOptions } from "./integration-options.ts";

/** What of an integration configuration decides which bills it sends. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly connectionId: string | null;
  readonly exclusiveGroup: string | null;
  readonly enabled: boolean;
  readonly options: IntegrationOptions;
}

/** Whether an account matches, or why that cannot be told: which is never a no. */
export type FilterOutcome =
  | { readonly outcome: "match" | "no_match" }
  | { readonly outcome: "error"; readonly message: string };

/** What a rule means for a bill; a rule that does not want it has no finding. */
export type RuleFinding<R extends Rule> =
  | { readonly outcome: "send" | "disabled"; readonly rule: R }
  | {
      readonly outcome: "refuse";
      readonly rule: R;
      readonly code: "filter_error" | "exclusive_group_conflict";
      readonly message: string;
    };

/** Of the two lists the one that forbids is the stronger. */
const isListed = ({ accountIds, restrictedAccountIds }: IntegrationOptions, id: string): boolean =>
  !restrictedAccountIds.includes(id) && (accountIds.length === 0 || accountIds.includes(id));

/**
 * Which rules want the bills of an account, in their order: a rule that has no connection yet wants
 * none, and an account that opted out goes to nobody. A filter that cannot be told is a refusal, and
 * so are several rules of one exclusive group that match: none of them sends anything (m3ter's guide
 * "Managing Multiple Third Party Destinations for Integrations"; the group is ours).
 */
export function decideRules<R extends Rule>(
  rules: readonly R[],
  account: RuledAccount,
  applyFilter: (expression: string) => FilterOutcome,
): RuleFinding<R>[] {
  if (!account.sendsBills) return [];
  const findings = rules.flatMap((rule): RuleFinding<R>[] => {
    if (rule.connectionId === null || !isListed(rule.options, account.id)) return [];
    const { accountFilter } = rule.options;
    const filter: FilterOutcome =
      accountFilter === null ? { outcome: "match" } : applyFilter(accountFilter);
    if (filter.outcome === "no_match") return [];
    if (!rule.enabled) return [{ outcome: "disabled", rule }];
    if (filter.outcome !== "error") return [{ outcome: "send", rule }];
    const message = `The account filter of ${rule.name} has no answer for this account: ${filter.message}`;
    return [{ outcome: "refuse", rule, code: "filter_error", message }];
  });
  return findings.map((finding) => refuseRivals(finding, findings));
}

/** Two rules of one group that both match would bill twice. */
function refuseRivals<R extends Rule>(
  finding: RuleFinding<R>,
  all: readonly RuleFinding<R>[],
): RuleFinding<R> {
  const { exclusiveGroup } = finding.rule;
  if (finding.outcome !== "send" || exclusiveGroup === null) return finding;
  const group = all.filter(
    ({ outcome, rule }) => outcome === "send" && rule.exclusiveGroup === exclusiveGroup,
  );
  if (group.length < 2) return finding;
  const names = group.map(({ rule }) => rule.name).join(", ");
  return {
    outcome: "refuse",
    rule: finding.rule,
    code: "exclusive_group_conflict",
    message: `The account matches several integrations of the group ${exclusiveGroup} (${names}): at most one may send its bills. Change a filter or a list of accounts, then retry.`,
  };
}
