import { type Clock, toTimestamp } from "../clock.ts";
import { refuse } from "../faults.ts";
import { type Draft, ENTITY_NAMES, type Entity, type EntityName } from "./entity.ts";

export type ChangeKind = "Create" | "Update" | "Delete" | "Void" | "Emailed";

/** One thing that happened in a company: webhooks and the change feed tell of it. */
export interface Change {
  readonly realmId: string;
  readonly entity: EntityName;
  readonly id: string;
  readonly kind: ChangeKind;
  readonly at: number;
}

/** What the people of a company have decided, or where they are. They may change their minds. */
export interface Preferences {
  readonly country: "US" | "GB";
  readonly homeCurrency: string;
  customTxnNumbers: boolean;
  multiCurrency: boolean;
  /** A credit memo is put to the customer's oldest open invoices as soon as it is made. */
  autoApplyCredit: boolean;
  /** Sales tax is worked out from addresses (US). */
  partnerTaxEnabled: boolean;
  /** The last day of what is closed. */
  booksClosedThrough: string | undefined;
  /** Home units for one foreign unit, where a document states no rate. */
  readonly exchangeRates: Record<string, number>;
  /** The terms of who has none. */
  defaultTermId: string;
  /** What a line without an item is sold as. */
  defaultItemId: string;
}

/** All that one company keeps. */
export interface Books {
  readonly realmId: string;
  readonly name: string;
  readonly clock: Clock;
  readonly preferences: Preferences;
  readonly tables: Readonly<Record<EntityName, Map<string, Entity>>>;
  readonly changes: Change[];
  /** Hears of each change. */
  readonly onChange: (change: Change) => void;
  readonly counters: Map<string, number>;
}

/** Names share their ids, and so do transactions; everything else counts for itself. */
const FAMILIES: Partial<Record<EntityName, string>> = {
  Customer: "name",
  Vendor: "name",
  Employee: "name",
  Invoice: "transaction",
  CreditMemo: "transaction",
  Payment: "transaction",
};

export const emptyTables = (): Record<EntityName, Map<string, Entity>> =>
  Object.fromEntries(ENTITY_NAMES.map((name) => [name, new Map()])) as Record<
    EntityName,
    Map<string, Entity>
  >;

export function countUp(books: Books, counter: string, first = 1): number {
  const next = books.counters.get(counter) ?? first;
  books.counters.set(counter, next + 1);
  return next;
}

function tell(books: Books, entity: EntityName, id: string, kind: ChangeKind): void {
  const change = { realmId: books.realmId, entity, id, kind, at: books.clock.now() };
  books.changes.push(change);
  books.onChange(change);
}

export const find = (books: Books, name: EntityName, id: string): Entity | undefined =>
  books.tables[name].get(id);

/** The target of a call; who is not there is not found. */
export function get(books: Books, name: EntityName, id: string): Entity {
  const found = find(books, name, id);
  if (found !== undefined) return found;
  return refuse(
    "610",
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
  );
}

export const list = (books: Books, name: EntityName): Entity[] => [...books.tables[name].values()];

/** Keeps a new one, under an id of its own unless `id` says which. */
export function insert(books: Books, name: EntityName, draft: Draft, id?: string): Entity {
  const at = toTimestamp(books.clock.now());
  const entity: Entity = {
    ...draft,
    domain: "QBO",
    sparse: false,
    Id: id ?? String(countUp(books, FAMILIES[name] ?? name)),
    SyncToken: "0",
    MetaData: { CreateTime: at, LastUpdatedTime: at },
  };
  books.tables[name].set(entity.Id, entity);
  tell(books, name, entity.Id, "Create");
  return entity;
}

/** Keeps what became of one; every save makes the tokens before it stale. */
export function save(
  books: Books,
  name: EntityName,
  entity: Entity,
  kind: ChangeKind = "Update",
): Entity {
  const { SyncToken } = get(books, name, entity.Id);
  const saved: Entity = {
    ...entity,
    SyncToken: String(Number(SyncToken) + 1),
    MetaData: { ...entity.MetaData, LastUpdatedTime: toTimestamp(books.clock.now()) },
  };
  books.tables[name].set(saved.Id, saved);
  tell(books, name, saved.Id, kind);
  return saved;
}

export function remove(books: Books, name: EntityName, id: string): void {
  books.tables[name].delete(id);
  tell(books, name, id, "Delete");
}
