import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** The device that answers as a full disk does, where the file will be written before it is renamed. */
function fill(name: string): void {
  mkdirSync(join(root, "customer"));
  symlinkSync("/dev/full", join(root, "customer", `.${name}.tmp`));
}

test("a disk that is full is said, may be tried again, and leaves nothing", async () => {
  fill("part.csv");
  await expect(place().writePart(TABLE, "customer/part", rows())).rejects.toMatchObject({
    code: "folder_not_writable",
    message: expect.stringContaining("ENOSPC"),
    permanent: false,
  });
  expect(readdirSync(join(root, "customer"))).toEqual([]);
  expect(await place().writePart(TABLE, "customer/part", rows())).toMatchObject({ rows: 2 });
});

test("so is a disk that the manifest does not go onto", async () => {
  fill("manifest.json");
  await expect(place().writeManifest("customer/manifest", {})).rejects.toMatchObject({
    code: "folder_not_writable",
    permanent: false,
  });
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
