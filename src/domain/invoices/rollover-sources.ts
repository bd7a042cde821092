import { coversProduct } from "../commits/applicability.ts";
import type { Commit } from "../commits/commit.ts";
import type { Contract } from "../contracts/contract.ts";
import type { Instant } from "../time.ts";
import type { RatedInvoice } from "./invoice.ts";

/** A contract whose invoices decide what another one takes over, and until when they burn. */
export interface RolloverContract {
  readonly contractId: string;
  readonly until: Instant;
}

interface Terms {
  readonly contracts: readonly Contract[];
  readonly commits: readonly Commit[];
}

/**
 * The contracts whose last invoices must be final before this one is: their rest could pay for its
 * lines, or is billed by its true-up, and is still changing. What they take over themselves counts
 * as well. None for most invoices.
 */
export function rolloverSources(
  invoice: RatedInvoice,
  { contracts, commits }: Terms,
): RolloverContract[] {
  const concerned = commits.filter(
    (commit) =>
      commit.contractId === invoice.contractId &&
      isUnsettled(commit) &&
      isConcerned(commit, invoice),
  );
  if (concerned.length === 0) return [];
  const ofSegment = new Map(
    commits.flatMap((commit) => commit.segments.map(({ id }) => [id, commit])),
  );
  const startOf = new Map(contracts.map(({ id, startingAt }) => [id, startingAt]));
  const found = new Map<string, RolloverContract>();
  const follow = (commit: Commit): void => {
    const until = startOf.get(commit.contractId ?? "");
    for (const { source } of commit.segments) {
      const from = ofSegment.get(source?.segmentId ?? "");
      if (from === undefined || from.contractId === null || until === undefined) continue;
      found.set(from.contractId, { contractId: from.contractId, until });
      follow(from);
    }
  };
  for (const commit of concerned) follow(commit);
  return [...found.values()];
}

const isUnsettled = ({ segments }: Commit): boolean =>
  segments.some(({ source }) => source !== undefined);

const isConcerned = (commit: Commit, { lines, trueUps }: RatedInvoice): boolean =>
  trueUps.some(({ commitId }) => commitId === commit.id) ||
  lines.some(
    ({ type, productId, productTags }) =>
      (type === "usage" || type === "subscription") &&
      productId !== null &&
      coversProduct(commit, { productId, productTags }),
  );
