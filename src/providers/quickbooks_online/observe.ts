import type { Known } from "../delivery-step.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import type { DocumentKind, QuickBooksDocument } from "./document.ts";
import { GONE, TAKEN, toReadFailure } from "./faults.ts";
import { isNoteOf } from "./header.ts";
import { toOwnName } from "./names.ts";
import type { Found, QuickBooksObserved } from "./next-step.ts";
import { PAGE, queryCompany, quoted } from "./query.ts";
import {
  fromExternalId,
  isVoided,
  readSalesDocument,
  type SalesDocument,
} from "./sales-document.ts";
import { chooseItem } from "./sold-items.ts";
import { isCreate, routeOf } from "./to-requests.ts";

const unreadable = (): ProviderReadError =>
  new ProviderReadError("QuickBooks answered what is no document.", {
    code: "unreadable",
    permanent: false,
  });

/** A document by its id; undefined: the company does not have it, or not any more. Throws ProviderReadError. */
export async function readDocument(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  externalId: string,
): Promise<SalesDocument | undefined> {
  const { kind, id } = fromExternalId(externalId);
  const answer = await callCompany(parts, connection, {
    method: "GET",
    path: `${routeOf(kind)}/${encodeURIComponent(id)}`,
  });
  if (answer.outcome === "failed") {
    if (answer.fault.code === GONE) return undefined;
    throw toReadFailure(answer.fault);
  }
  const fields = answer.body[kind];
  if ((fields as { status?: unknown } | undefined)?.status === "Deleted") return undefined;
  const document = readSalesDocument(kind, fields);
  if (document === undefined) throw unreadable();
  return document;
}

/** Documents of one kind that have one of these numbers. Throws ProviderReadError. */
export async function findByNumber(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  kind: DocumentKind,
  numbers: readonly string[],
): Promise<SalesDocument[]> {
  const list = numbers.map(quoted).join(", ");
  const rows = await queryCompany(parts, connection, kind, `where DocNumber in (${list})`);
  return rows.flatMap((row) => readSalesDocument(kind, row) ?? []);
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What the company has under these names, by the name in lower case. */
async function listByName(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { entity, field, names }: { entity: string; field: string; names: readonly string[] },
): Promise<ReadonlyMap<string, Rows>> {
  const list = names.map(quoted).join(", ");
  const rest = `where ${field} in (${list}) startposition 1 maxresults ${PAGE}`;
  const rows = await queryCompany(parts, connection, entity, rest);
  return Map.groupBy(rows, (row) => String(row[field]).toLowerCase());
}

/** What there is under the first of these names that anything has. */
const firstOf = (found: ReadonlyMap<string, Rows>, names: readonly string[]): Rows =>
  names.map((name) => found.get(name.toLowerCase())).find((rows) => rows !== undefined) ?? [];

/** Names under which something could not be made because another has them. */
const refusedNames = (
  { refused }: Pick<Known, "refused">,
  route: string,
  field: string,
): string[] =>
  refused
    .filter(({ path, code }) => code === TAKEN.name && path.endsWith(route))
    .map(({ params }) => String(params[field]));

/** Numbers that a document could not have because another has them. */
export const refusedNumbers = ({ refused }: Pick<Known, "refused">, kind: DocumentKind): string[] =>
  refused
    .filter((request) => request.code === TAKEN.number && isCreate(request, kind))
    .map(({ params }) => String(params.DocNumber));

async function findCustomer(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { customer }: QuickBooksDocument,
  known: Known,
): Promise<Found> {
  if (customer.id !== undefined) return { id: customer.id };
  const names = [customer.name, toOwnName(customer.name, customer.ourId)];
  const there = await listByName(parts, connection, {
    entity: "Customer",
    field: "DisplayName",
    names,
  });
  const [found] = firstOf(there, names);
  return found === undefined
    ? { id: undefined, refused: refusedNames(known, "/customer", "DisplayName") }
    : { id: String(found.Id) };
}

/** In what a customer pays, where a company keeps several currencies; that was decided when it was made. */
async function readCurrency(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { currency }: QuickBooksDocument,
  { id }: Found,
): Promise<string | undefined> {
  if (currency === undefined || id === undefined) return undefined;
  const path = `/customer/${encodeURIComponent(id)}`;
  const answer = await callCompany(parts, connection, { method: "GET", path });
  if (answer.outcome === "failed") {
    // One that is not there is refused with its reason when the document names it.
    if (answer.fault.code === GONE) return undefined;
    throw toReadFailure(answer.fault);
  }
  const { CurrencyRef: reference } = (answer.body.Customer ?? {}) as Record<string, unknown>;
  const { value } = (reference ?? {}) as { readonly value?: unknown };
  return typeof value === "string" ? value : undefined;
}

function toFound(there: Rows, known: Pick<Known, "refused">): Found {
  const chosen = chooseItem(there);
  if (chosen !== undefined && chosen !== "several") return { id: String(chosen.Id) };
  const refused = refusedNames(known, "/item", "Name");
  return { id: undefined, refused, isAmbiguous: chosen === "several" };
}

/** Products whose items are asked for at once: an address that holds their names is not too long. */
const AT_ONCE = 10;

/** The items that no custom field maps, by product. Throws ProviderReadError. */
export async function findItems(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { lines }: Pick<QuickBooksDocument, "lines">,
  known: Pick<Known, "refused">,
): Promise<Map<string, Found>> {
  const namesOf = new Map<string, readonly string[]>();
  for (const { item } of lines) {
    if (item.id !== undefined) continue;
    namesOf.set(item.productId, [item.name, toOwnName(item.name, item.productId)]);
  }
  const found = new Map<string, Found>();
  const left = [...namesOf];
  while (left.length > 0) {
    const some = left.splice(0, AT_ONCE);
    const names = some.flatMap(([, both]) => both);
    const there = await listByName(parts, connection, { entity: "Item", field: "Name", names });
    for (const [productId, both] of some)
      found.set(productId, toFound(firstOf(there, both), known));
  }
  return found;
}

/**
 * Looks at what stands in the company: the document by its id, else by its numbers, where the note tells
 * ours from another's; and, while there is none, what it names. Throws ProviderReadError.
 */
export async function observe(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  document: QuickBooksDocument,
  known: Known,
): Promise<QuickBooksObserved> {
  const { externalId } = known;
  if (externalId !== undefined) {
    const standing = await readDocument(parts, connection, externalId);
    return standing === undefined
      ? { state: "deleted", externalId }
      : { state: "found", document: standing };
  }
  const { kind, numbers, invoiceId } = document;
  const numbered = await findByNumber(parts, connection, kind, numbers);
  // A voided one is nobody's bill any more; its number stays taken.
  const ours = numbered.find((each) => isNoteOf(each.note, invoiceId) && !isVoided(each));
  if (ours !== undefined) return { state: "found", document: ours };
  const refused = refusedNumbers(known, kind);
  const customer = await findCustomer(parts, connection, document, known);
  return {
    state: "none",
    takenNumbers: [...numbered.map(({ number }) => number ?? ""), ...refused],
    customer,
    customerCurrency: await readCurrency(parts, connection, document, customer),
    items: await findItems(parts, connection, document, known),
  };
}
