import { CONTRACT_COLUMNS } from "./contract-columns.ts";
import { INVOICE_COLUMNS } from "./read-invoices.ts";
import { type Columns, ImportFileError, type Table } from "./read-table.ts";

export type FileKind = "contracts" | "invoices";

const KINDS = { contracts: CONTRACT_COLUMNS, invoices: INVOICE_COLUMNS };

const has = ({ needed, optional, prefixes = [] }: Columns, name: string): boolean =>
  needed.includes(name) ||
  optional.includes(name) ||
  prefixes.some((prefix) => name.startsWith(prefix));

/** What a file is about: it has columns that only files of that kind have. Throws ImportFileError. */
export function fileKind({ path, header }: Table): FileKind {
  const own = header.filter((name) => has(KINDS.contracts, name) !== has(KINDS.invoices, name));
  const kinds = new Set(
    own.map((name): FileKind => (has(KINDS.contracts, name) ? "contracts" : "invoices")),
  );
  const [kind, other] = kinds;
  if (kind !== undefined && other === undefined) return kind;
  const found = header.length === 0 ? "it is empty" : `it has the columns ${header.join(", ")}`;
  throw new ImportFileError(
    `${path}: ${found}; a file of contracts has ${KINDS.contracts.needed.join(", ")}, a file of invoices has ${KINDS.invoices.needed.join(", ")}`,
  );
}
