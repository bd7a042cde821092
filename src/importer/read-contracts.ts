import { type Instant, isBefore } from "../domain/time.ts";
import type { ContractImport } from "../operations/import-contract.ts";
import type { FindRateCard, FoundCard, Names } from "./catalogue.ts";
import { checkAlike, findCell, getCell, type Refusal, RowError, toHour } from "./cells.ts";
import { BALANCE_COLUMNS, CONTRACT_COLUMNS, TERM_COLUMNS } from "./contract-columns.ts";
import { type OpeningBalance, readBalance } from "./read-balance.ts";
import { checkColumns, type Table, type TableRow } from "./read-table.ts";
import { type ContractTerms, toContractImport } from "./to-contract-import.ts";

/** A contract of the file: its key there, its rows, its opening balances. */
export interface FileContract {
  readonly key: string;
  readonly rows: readonly number[];
  readonly balances: readonly OpeningBalance[];
  readonly request: ContractImport;
}

export interface ContractsFile {
  readonly contracts: readonly FileContract[];
  readonly refusals: readonly Refusal[];
}

/** What the names in a file of contracts mean here. */
export interface ContractNames {
  readonly findRateCard: FindRateCard;
  readonly fixedProducts: Names;
}

/** Reads the contracts of a file. What cannot be read is a refusal of its contract. */
export async function readContracts(table: Table, names: ContractNames): Promise<ContractsFile> {
  const rows = checkColumns(table, CONTRACT_COLUMNS);
  const contracts: FileContract[] = [];
  const refusals: Refusal[] = [];
  for (const [key, own] of Map.groupBy(rows, ({ cells }) => cells.contract ?? "")) {
    const place = { key, rows: [...new Set(own.map(({ number }) => number))] };
    try {
      contracts.push({ ...place, ...(await toContract(own, names)) });
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      refusals.push({ ...place, reason: error.message });
    }
  }
  return { contracts, refusals };
}

async function toContract(
  rows: readonly TableRow[],
  { findRateCard, fixedProducts }: ContractNames,
): Promise<Pick<FileContract, "balances" | "request">> {
  const [first, ...more] = rows;
  if (first === undefined) throw new RowError("no rows");
  checkAlike([first, ...more], TERM_COLUMNS, "contract");
  refuseRepeated(rows);
  const terms = await readTerms(first, findRateCard);
  const balances = rows.flatMap((row) => readBalance(row, terms, fixedProducts) ?? []);
  return { balances, request: toContractImport(terms, balances) };
}

/** A row that stands there twice is a slip: as two balances it would be worth twice as much. */
function refuseRepeated(rows: readonly TableRow[]): void {
  const seen = new Map<string, number>();
  for (const row of rows) {
    const text = JSON.stringify(BALANCE_COLUMNS.map((column) => findCell(row, column)));
    const before = seen.get(text);
    if (before !== undefined) {
      throw new RowError(`row ${row.number}: repeats row ${before} of the same contract`);
    }
    seen.set(text, row.number);
  }
}

async function readTerms(row: TableRow, findRateCard: FindRateCard): Promise<ContractTerms> {
  const key = getCell(row, "contract");
  const startingAt = toHour(row, "starting_at");
  const generationStartingAt = toHour(row, "generation_starting_at");
  if (isBefore(generationStartingAt, startingAt)) {
    throw new RowError(`row ${row.number}: generation_starting_at is before starting_at`);
  }
  const days = findCell(row, "net_payment_terms_days");
  if (days !== undefined && !/^\d{1,9}$/.test(days)) {
    throw new RowError(
      `row ${row.number}: net_payment_terms_days is "${days}", not a number of days`,
    );
  }
  return {
    row: row.number,
    key,
    customer: getCell(row, "customer"),
    customerName: findCell(row, "customer_name"),
    card: await getCard(row, startingAt, findRateCard),
    startingAt,
    endingBefore:
      findCell(row, "ending_before") === undefined ? null : toHour(row, "ending_before"),
    generationStartingAt,
    usageFrequency: findCell(row, "usage_frequency") ?? "MONTHLY",
    netPaymentTermsDays: days === undefined ? null : Number(days),
  };
}

async function getCard(
  row: TableRow,
  startingAt: Instant,
  findRateCard: FindRateCard,
): Promise<FoundCard> {
  const text = getCell(row, "rate_card");
  const card = await findRateCard(text, startingAt);
  if (card != null) return card;
  const reason =
    card === null
      ? "several rate cards have that name"
      : "no rate card in use has that id, name, or alias when the contract starts";
  throw new RowError(`row ${row.number}: rate_card is "${text}": ${reason}`);
}
