import { decideStray, type StrayVerdict } from "../../domain/reconciliation/stray.ts";
import type { ListedDocument, Repair } from "../../providers/reconciliation.ts";
import { listOwnDocuments, listRunsOfInvoices } from "../../store/reconciled-runs.ts";
import type { OperationContext } from "../context.ts";
import type { OpenAccount } from "./load-delivery.ts";
import type { Found } from "./to-finding.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Notes a document as the one of a delivery that has none. */
const ADOPT: Repair = {
  outcome: "act",
  action: "adopt",
  description: "Note the document as the delivery's, which compares it and goes on.",
  writes: [],
  after: "retry",
};

const LEAVE: Repair = {
  outcome: "refuse",
  reason:
    "No invoice of this environment has the id that the document names: another installation may use the account. If none does, take it away by hand.",
};

/** What is to be done about a document that no delivery knows, from its present state. Pure. */
export function repairStray(
  { reconciler }: OpenAccount,
  externalId: string,
  { remedy }: StrayVerdict,
  observed: unknown,
): Repair {
  if (remedy === "adopt") return ADOPT;
  return remedy === "leave" ? LEAVE : reconciler.discard(externalId, observed);
}

/** A document that no delivery knows, and what it is. */
interface Judged {
  readonly document: ListedDocument;
  readonly verdict: StrayVerdict;
}

/** Those of the documents that no delivery of the environment knows, and what they are. */
export async function judgeDocuments(
  ctx: OperationContext,
  { connection }: OpenAccount,
  documents: readonly ListedDocument[],
): Promise<Judged[]> {
  if (documents.length === 0) return [];
  const environmentId = ctx.environment.id;
  const ids = documents.map(({ externalId }) => externalId);
  const known = await listOwnDocuments(ctx.db, environmentId, ids);
  const strangers = documents.filter(({ externalId }) => !known.has(externalId));
  const invoiceIds = strangers.map(({ invoiceId }) => invoiceId).filter((id) => UUID.test(id));
  const runs = await listRunsOfInvoices(ctx.db, environmentId, invoiceIds);
  return strangers.flatMap((document) => {
    const found = runs.get(document.invoiceId.toLowerCase());
    const verdict = decideStray({
      connectionId: connection.id,
      kind: document.kind,
      standing: document.standing,
      isInvoiceKnown: found !== undefined,
      runs: found ?? [],
    });
    return verdict === undefined ? [] : [{ document, verdict }];
  });
}

/** A document judged by how it stands now. What is never touched is not read once more either. */
async function judgeNow(ctx: OperationContext, account: OpenAccount, listed: Judged) {
  if (listed.verdict.remedy === "leave") return { ...listed, observed: undefined };
  const { reconciler, connection } = account;
  const observed = await reconciler.inspect(connection, listed.document.externalId, []);
  const standing = reconciler.standing(observed);
  const [judged] = await judgeDocuments(ctx, account, [{ ...listed.document, standing }]);
  return judged && { ...judged, observed };
}

/** Documents with our metadata that no delivery knows, each with what would be done about it. */
export async function checkDocuments(
  ctx: OperationContext,
  account: OpenAccount,
  documents: readonly ListedDocument[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const listed of await judgeDocuments(ctx, account, documents)) {
    const judged = await judgeNow(ctx, account, listed);
    if (judged === undefined) continue;
    const { verdict, observed } = judged;
    const { externalId, invoiceId, standing } = judged.document;
    found.push({
      class: verdict.class,
      subject: "",
      connectionId: account.connection.id,
      runId: verdict.runId,
      invoiceId: UUID.test(invoiceId) ? invoiceId.toLowerCase() : null,
      externalId,
      expected: {},
      found: { standing, invoice_id: invoiceId },
      repair: repairStray(account, externalId, verdict, observed),
      further: [],
    });
  }
  return found;
}
