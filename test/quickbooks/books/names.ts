import { refuse } from "../faults.ts";
import { type Books, list } from "./books.ts";
import type { Draft, Entity, EntityName } from "./entity.ts";

const DELETED = " (deleted)";

/** Whose names must differ from each other. */
const PEERS: Partial<Record<EntityName, readonly EntityName[]>> = {
  Customer: ["Customer", "Vendor", "Employee"],
  Vendor: ["Customer", "Vendor", "Employee"],
  Employee: ["Customer", "Vendor", "Employee"],
  Item: ["Item"],
  Account: ["Account"],
  Term: ["Term"],
};

const PERSONS: readonly EntityName[] = ["Customer", "Vendor", "Employee"];

/** Under which property it keeps its name. */
export const nameKey = (name: EntityName): "DisplayName" | "Name" =>
  PERSONS.includes(name) ? "DisplayName" : "Name";

function statedName(name: EntityName, draft: Draft): string {
  const key = nameKey(name);
  const parts = [draft.Title, draft.GivenName, draft.MiddleName, draft.FamilyName, draft.Suffix];
  const stated = (
    draft[key] ??
    (key === "DisplayName" ? parts.filter((part) => part !== undefined).join(" ") : "")
  ).trim();
  if (stated !== "") return stated;
  return refuse("2020", `Required parameter ${key} is missing in the request`, key);
}

function checkCharacters(key: string, stated: string): void {
  const bad = /[:\t\n\r]/.exec(stated)?.[0];
  if (bad !== undefined) {
    refuse("2040", `Invalid characters in ${key}: colon, tab and newline are not allowed`, key);
  }
}

function checkUnique(books: Books, name: EntityName, stated: string, own: Draft): void {
  const taken = (PEERS[name] ?? []).some((peer) =>
    list(books, peer).some(
      (other) =>
        !(peer === name && other.Id === own.Id) &&
        other.Active !== false &&
        (PERSONS.includes(name) || other.ParentRef?.value === own.ParentRef?.value) &&
        other[nameKey(peer)]?.toLowerCase() === stated.toLowerCase(),
    ),
  );
  if (taken) refuse("6240", "The name supplied already exists. : null");
}

/**
 * The draft with its name checked. Who is made inactive keeps the name with a suffix, so that the name is
 * free again; who is made active again loses the suffix.
 */
export function withName(
  books: Books,
  name: EntityName,
  draft: Draft,
  before: Entity | undefined,
): Draft {
  const key = nameKey(name);
  const stated = statedName(name, draft);
  checkCharacters(key, stated);
  const plain = stated.endsWith(DELETED) ? stated.slice(0, -DELETED.length) : stated;
  const isActive = draft.Active ?? true;
  const kept = isActive ? (before?.Active === false ? plain : stated) : `${plain}${DELETED}`;
  if (isActive) checkUnique(books, name, kept, draft);
  const full = draft.ParentRef?.name === undefined ? kept : `${draft.ParentRef.name}:${kept}`;
  return { ...draft, Active: isActive, [key]: kept, FullyQualifiedName: full };
}
