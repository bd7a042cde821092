import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import type { ProviderRequest } from "../../delivery-step.ts";
import type { Delivered, Discrepancy, Repair } from "../../reconciliation.ts";
import { companyPath } from "../client.ts";
import type { QuickBooksDocument } from "../document.ts";
import type { SalesDocument } from "../sales-document.ts";
import { routeOf } from "../to-requests.ts";
import { toAsSent } from "./as-sent.ts";
import { type Inspected, type InspectedDocument, standingOf } from "./inspect.ts";

type DeliveredDocument = Delivered<QuickBooksDocument>;
type Params = Readonly<Record<string, unknown>>;

const refuse = (reason: string): Repair => ({ outcome: "refuse", reason });

const MONEY_HAS_MOVED =
  "Money or credit was put to it, wholly or in part: only a person can undo that in QuickBooks, by a refund or a credit memo.";

const REDELIVERY: Repair = {
  outcome: "act",
  action: "recreate",
  description: "Deliver the invoice once more, as a new document.",
  writes: [],
  after: "redeliver",
};

const REFRESH: Repair = {
  outcome: "act",
  action: "refresh",
  description: "Take over the status that stands in QuickBooks.",
  writes: [],
  after: "refresh",
};

/** A write to a document that stands there: under its present token, so that nobody's change is lost. */
const toWrite = (
  { realmId }: InspectedDocument,
  route: string,
  params: Params,
): ProviderRequest => ({ method: "POST", path: companyPath(realmId, route), params });

const tokenOf = ({ id, syncToken }: SalesDocument): Params => ({ Id: id, SyncToken: syncToken });

/** Invoices are voided, which keeps them in the books; credit memos can only be deleted. */
function takeBack(observed: InspectedDocument): Repair {
  const { document } = observed;
  const isMemo = document.kind === "CreditMemo";
  const operation = isMemo ? "delete" : "void";
  const request = toWrite(
    observed,
    `${routeOf(document.kind)}?operation=${operation}`,
    tokenOf(document),
  );
  return {
    outcome: "act",
    action: isMemo ? "delete_at_provider" : "void_at_provider",
    description: "Take the document back, so that nobody can pay it any more.",
    writes: [{ name: operation, request }],
  };
}

/** Takes away a document that should not be there. Pure. */
export function discard(_externalId: string, observed: Inspected): Repair {
  if (observed.state === "missing" || standingOf(observed) === "closed") {
    return refuse("It is not there any more.");
  }
  return standingOf(observed) === "open" ? takeBack(observed) : refuse(MONEY_HAS_MOVED);
}

/** Makes the document what was sent, all of it; the number that it has stays. */
function restore(delivered: DeliveredDocument, observed: InspectedDocument): Repair {
  const { document } = observed;
  const sent = toAsSent(delivered);
  if (sent === undefined) return refuse("What was sent is not known: the document was taken over.");
  const { DocNumber: number, ...fields } = sent.fields;
  const request = toWrite(observed, routeOf(document.kind), {
    ...tokenOf(document),
    sparse: true,
    ...fields,
    DocNumber: document.number ?? number,
  });
  return {
    outcome: "act",
    action: "restore",
    description: "Write the document once more as it was sent.",
    writes: [{ name: "restore", request }],
  };
}

/** Classes that are put right by writing the document again; money that has moved forbids it. */
const RESTORED: ReadonlySet<FindingClass> = new Set([
  "edited_lines",
  "missing_lines",
  "extra_lines",
  "edited_total",
  "customer_changed",
  "due_date_changed",
  "metadata_removed",
  "number_missing",
]);

const REFRESHED: ReadonlySet<FindingClass> = new Set([
  "status_missed",
  "open_here_paid_there",
  "paid_here_open_there",
]);

function repairGone({ notedStatus }: DeliveredDocument): Repair {
  return notedStatus === "PAID" || notedStatus === "PARTIALLY_PAID"
    ? refuse(
        "It was paid when it was last seen: what became of the money in QuickBooks has to be found out first.",
      )
    : REDELIVERY;
}

const NOTE_IS_VOID =
  "The credit note is void here, and its credit memo stands in QuickBooks: delete it there, or credit the same here anew.";

/** The memo is made anew where it is gone; what somebody made of it is theirs to decide. */
function resendNote(noteId: string, { memos }: InspectedDocument): Repair {
  const memo = memos.get(noteId);
  if (memo !== undefined) {
    return refuse(
      `The credit memo ${memo.number ?? memo.id} was changed in QuickBooks: put it right there, or void the credit note here and credit anew.`,
    );
  }
  return {
    outcome: "act",
    action: "resend_credit_note",
    description: "Deliver the credit note once more.",
    writes: [],
    after: { resend: noteId },
  };
}

/** What is to be done about a discrepancy, from what stands in the books now. Pure. */
export function repairDocument(
  { class: name, subject }: Pick<Discrepancy, "class" | "subject">,
  delivered: DeliveredDocument,
  observed: Inspected,
): Repair {
  if (name === "deleted" || observed.state === "missing") return repairGone(delivered);
  if (name === "voided_there") return REDELIVERY;
  if (name === "void_here_open_there") return discard("", observed);
  if (REFRESHED.has(name)) return REFRESH;
  if (name === "credit_note_extra") return refuse(NOTE_IS_VOID);
  if (name === "credit_note_missing") return resendNote(subject, observed);
  if (!RESTORED.has(name)) {
    return refuse(
      "A document's currency is its customer's and cannot be changed: void it in QuickBooks, map a customer of the right currency, and retry.",
    );
  }
  return standingOf(observed) === "open" ? restore(delivered, observed) : refuse(MONEY_HAS_MOVED);
}
