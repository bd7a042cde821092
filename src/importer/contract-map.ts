import { accessSync, constants, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { checkColumns, ImportFileError, openCsv } from "./read-table.ts";

/** What a file says of a contract. */
export interface MappedContract {
  readonly contractId: string;
  readonly customerId: string;
  readonly creditTypeId: string;
}

/** Which contract here is meant by what the files call it. */
export type ContractMap = ReadonlyMap<string, MappedContract>;

const MAP_COLUMNS = {
  needed: ["contract", "contract_id", "customer_id"],
  optional: ["credit_type_id"],
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads which contract here a contract's name in the file means. Throws ImportFileError. */
export function readContractMap(path: string): ContractMap {
  const map = new Map<string, MappedContract>();
  for (const { number, cells } of checkColumns(openCsv(path), MAP_COLUMNS)) {
    const { contract = "", contract_id = "", customer_id = "", credit_type_id } = cells;
    if (map.has(contract)) {
      throw new ImportFileError(`${path}: row ${number} maps "${contract}" a second time`);
    }
    const creditTypeId =
      credit_type_id === undefined || credit_type_id === "" ? USD_CREDIT_TYPE_ID : credit_type_id;
    const ids = { contract_id, customer_id, credit_type_id: creditTypeId };
    const wrong = Object.entries(ids).find(([, id]) => !UUID.test(id));
    if (wrong !== undefined) {
      throw new ImportFileError(`${path}: row ${number}: ${wrong[0]} is "${wrong[1]}", not an id`);
    }
    map.set(contract, {
      contractId: contract_id.toLowerCase(),
      customerId: customer_id.toLowerCase(),
      creditTypeId,
    });
  }
  return map;
}

/** As readContractMap; empty where there is no file yet, in a folder that can be written to. */
export function findContractMap(path: string): ContractMap {
  accessSync(dirname(path), constants.W_OK);
  return existsSync(path) ? readContractMap(path) : new Map();
}

const toCell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Writes a map whole or not at all: what stood there stays until all of it is on the disk. */
export function writeContractMap(path: string, map: ContractMap): void {
  const rows = [...map].map(([contract, { contractId, customerId, creditTypeId }]) =>
    [contract, contractId, customerId, creditTypeId].map(toCell).join(","),
  );
  const header = [...MAP_COLUMNS.needed, ...MAP_COLUMNS.optional].join(",");
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, `${[header, ...rows].join("\n")}\n`, { flush: true });
    faultPoint("contract-map/written");
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
