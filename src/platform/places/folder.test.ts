import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Row } from "../tabular/column.ts";
import { filePlace } from "./file-place.ts";
import { folderStore } from "./folder.ts";
import type { PlacedTable } from "./place.ts";

const TABLE: PlacedTable = {
  name: "customer",
  columns: [{ name: "id", type: "text" }],
  key: ["id"],
  replaces: undefined,
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ledgerline-places-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* rows(): AsyncGenerator<readonly Row[]> {
  yield [["a"], ["b"]];
}

const place = () => filePlace(folderStore(root), "csv");

/** A place that finds the device that answers as a full disk does where it writes a file before it is renamed. */
const fullPlace = (name: string) =>
  filePlace(
    folderStore(root, () => {
      symlinkSync("/dev/full", join(root, "customer", `.${name}.once.tmp`));
      return "once";
    }),
    "csv",
  );

test("a disk that is full is said, may be tried again, and leaves nothing", async () => {
  const full = fullPlace("part.csv");
  await expect(full.writePart(TABLE, "customer/part", rows())).rejects.toMatchObject({
    code: "folder_not_writable",
    message: expect.stringContaining("ENOSPC"),
    permanent: false,
  });
  expect(readdirSync(join(root, "customer"))).toEqual([]);
  expect(await place().writePart(TABLE, "customer/part", rows())).toMatchObject({ rows: 2 });
});

test("so is a disk that the manifest does not go onto", async () => {
  const full = fullPlace("manifest.json");
  await expect(full.writeManifest("customer/manifest", {})).rejects.toMatchObject({
    code: "folder_not_writable",
    permanent: false,
  });
});

test("what a dead process left of a file is removed with the next try, and nothing else", async () => {
  mkdirSync(join(root, "customer"));
  for (const name of [".part.csv.dead.tmp", ".part.csv2.dead.tmp", ".part2.csv.dead.tmp"]) {
    writeFileSync(join(root, "customer", name), "a");
  }
  await place().writePart(TABLE, "customer/part", rows());
  expect(readdirSync(join(root, "customer")).sort()).toEqual([
    ".part.csv2.dead.tmp",
    ".part2.csv.dead.tmp",
    "part.csv",
  ]);
});

test("of two that write one file, one that stood still writes nothing into what the other has written", async () => {
  const path = join(root, "customer", "part.csv");
  let goOn = () => {};
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let stands = () => {};
  const standing = new Promise<void>((resolve) => {
    stands = resolve;
  });
  async function* slow(): AsyncGenerator<readonly Row[]> {
    yield [["slow"]];
    stands();
    await waiting;
    yield Array.from({ length: 10_000 }, () => ["slow"]);
    throw new Error("it is not the one any more");
  }
  const slowly = place().writePart(TABLE, "customer/part", slow());
  await standing;
  const written = await place().writePart(TABLE, "customer/part", rows());
  goOn();
  await expect(slowly).rejects.toThrow("not the one any more");
  expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(written?.sha256);
  expect(readdirSync(join(root, "customer"))).toEqual(["part.csv"]);
});

test("a file where a folder must be is for a person to mend", async () => {
  writeFileSync(join(root, "customer"), "");
  await expect(place().writePart(TABLE, "customer/part", rows())).rejects.toMatchObject({
    code: "folder_not_writable",
    permanent: true,
  });
});

test("a link that leads out of the directory is not followed", async () => {
  symlinkSync(tmpdir(), join(root, "customer"));
  await expect(place().writePart(TABLE, "customer/part", rows())).rejects.toMatchObject({
    code: "folder_outside",
  });
});

test("what fails while rows are read is not said of the folder", async () => {
  const lost = Object.assign(new Error("lost"), { code: "ECONNRESET" });
  async function* broken(): AsyncGenerator<readonly Row[]> {
    yield [["a"]];
    throw lost;
  }
  await expect(place().writePart(TABLE, "customer/part", broken())).rejects.toBe(lost);
  expect(readdirSync(join(root, "customer"))).toEqual([]);
});
