import { deflateSync } from "node:zlib";
import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { pdfText } from "../support/pdf-text.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * The seller's details, and the page of an invoice behind its link. 3 tokens at a dollar are used, a
 * balance of two dollars pays first.
 */
const JANUARY = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" };
const NAME = `<script>alert("x")</script> & Söhne`;
const SETTINGS = "/v1/settings/invoicing";

/** Eight white pixels a side. */
const JPEG =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/ALQAf//Z";

let server: TestServer;
let metronome: Metronome;
let invoice: string;
let customer: string;
let link: string;

const linkOf = async (id: string): Promise<string> => {
  const { status, body } = await server.send("GET", `/v1/invoices/${id}/page-link`);
  expect(status, body.message).toBe(200);
  return body.data.url;
};
const get = (url: string) => fetch(url, { redirect: "manual" });
const patch = (seller: unknown) => server.send("PATCH", SETTINGS, { seller });
const settings = async () => (await server.send("GET", SETTINGS)).body.data.seller;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-25T00:00:00Z");
  const card = await createRateCard(metronome, [
    [await createUsageProduct(metronome, "tokens"), 100],
  ]);
  customer = await createCustomer(metronome, NAME);
  const product = await createFixedProduct(metronome, "Balance");
  await createContract(metronome, customer, card, {
    ...JANUARY,
    commits: [
      {
        type: "PREPAID",
        product_id: product,
        name: "Balance",
        access_schedule: { schedule_items: [{ amount: 200, ...JANUARY }] },
      },
    ],
  });
  await use(metronome, customer, "tokens", "2024-01-10T00:00:00Z", 3);
  invoice = (await listInvoices(metronome, customer))[0]?.id ?? "";
  link = await linkOf(invoice);
});
afterAll(() => server.close());

/** Part of a PNG: its length, name, content, and a checksum that nobody reads here. */
const chunk = (name: string, data: Buffer): Buffer => {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, "latin1");
  data.copy(bytes, 8);
  return bytes;
};

/** A grey PNG of one byte a pixel, and a filter byte a row. */
function png(
  width: number,
  height: number,
  pixels = deflateSync(Buffer.alloc((width + 1) * height)),
) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
const url = (bytes: Buffer, type = "png") =>
  `data:image/${type};base64,${bytes.toString("base64")}`;

describe("the page of an invoice", () => {
  test("a draft has a link, and no page yet", async () => {
    const response = await get(link);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("This invoice is not final yet");
    expect((await get(`${link}/pdf`)).status).toBe(404);
    await server.setClock("2024-02-03T00:00:00Z");
    expect(await linkOf(invoice)).toBe(link);
  });

  test("a final one shows it all, escaped, locked down", async () => {
    const response = await get(link);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.get("x-robots-tag")).toBe("noindex");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne");
    expect(html).not.toContain("<script");
    expect([...html.matchAll(/<td>([^<]*)<\/td>/g)].map(([, cell]) => cell)).toEqual([
      ...["2", "$1.00", "$2.00"],
      ...["", "", "-$2.00"],
      ...["1", "$1.00", "$1.00"],
      ...["$3.00", "-$2.00", "$1.00"],
    ]);
  });

  test("its documents come from the same link", async () => {
    const pdf = await get(`${link}/pdf`);
    expect([pdf.status, pdf.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    expect(pdf.headers.get("cache-control")).toBe("private, no-store");
    const bytes = Buffer.from(await pdf.arrayBuffer());
    expect(pdfText(bytes)).toContain("Balance applied");
    const path = `/v1/customers/${customer}/invoices/${invoice}/pdf`;
    const own = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Bearer ${server.sandboxToken}` },
    });
    expect(Buffer.from(await own.arrayBuffer()).equals(bytes)).toBe(true);
    const letter = Buffer.from(await (await get(`${link}/pdf?paper=letter`)).arrayBuffer());
    expect(letter.toString("latin1")).toContain("/MediaBox [0 0 612 792]");
    const csv = await get(`${link}/csv`);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const { body } = await server.send("GET", `/v1/invoices/${invoice}/document?format=csv`);
    expect(await csv.text()).toBe(body);
  });

  test("the link holds an invoice's id and 256 bits that nobody can guess", async () => {
    const token = String(link.split("/").at(-1));
    expect(token).toMatch(/^inv_[\w-]{64}$/);
    const bytes = Buffer.from(token.slice(4), "base64url");
    expect(bytes.subarray(0, 16).toString("hex")).toBe(invoice.replaceAll("-", ""));
    // Each byte counts: of the invoice's id and of what proves it.
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      const response = await get(`${server.url}/i/inv_${changed.toString("base64url")}`);
      expect(response.status, `byte ${index}`).toBe(404);
    }
  });

  test.each(["", "x", "inv_", `inv_${"A".repeat(64)}`, `inv_${"A".repeat(65)}`])(
    "/i/%s is no page",
    async (token) => {
      expect((await get(`${server.url}/i/${token}`)).status).toBe(404);
    },
  );

  test("a link is made for an invoice of the token's environment alone", async () => {
    const foreign = { authorization: `Bearer ${server.productionToken}` };
    const path = `/v1/invoices/${invoice}/page-link`;
    expect((await server.send("GET", path, undefined, foreign)).status).toBe(404);
    expect((await server.send("GET", `/v1/invoices/${customer}/page-link`)).status).toBe(404);
  });

  test("a void one keeps its page, which says so", async () => {
    const [own] = await listInvoices(metronome, customer);
    await metronome.v1.invoices.void({ id: String(own?.id) });
    expect(await (await get(link)).text()).toContain("VOID");
  });
});

describe("the seller", () => {
  const full = {
    name: "Ledger GmbH",
    address_lines: ["Hauptstraße 1", "10115 Berlin"],
    tax_id: "DE123456789",
    email: "billing@ledger.test",
    logo: url(png(40, 20)),
  };
  beforeEach(async () => {
    expect((await patch(null)).status).toBe(200);
  });

  test("is on every document from now on, and changes field by field", async () => {
    expect(await settings()).toBeNull();
    const { status, body } = await patch(full);
    expect([status, body.data.seller]).toEqual([200, full]);
    const html = await (await get(link)).text();
    expect(html).toContain("Ledger GmbH\nHauptstraße 1\n10115 Berlin\nTax ID DE123456789");
    expect(html).toContain(`src="${full.logo}"`);
    const pdf = Buffer.from(await (await get(`${link}/pdf`)).arrayBuffer());
    expect(pdfText(pdf)).toContain("Tax ID DE123456789");
    expect(pdf.toString("latin1")).toMatch(/\/Subtype \/Image[^>]*\/Width 40/s);
    await patch({ tax_id: null, name: "Ledger AG" });
    expect(await settings()).toEqual({ ...full, name: "Ledger AG", tax_id: null });
    await patch({ name: null, address_lines: null, email: null, logo: null });
    expect(await settings()).toBeNull();
  });

  test("may have a JPEG as its logo", async () => {
    expect((await patch({ logo: url(Buffer.from(JPEG, "base64"), "jpeg") })).status).toBe(200);
    const pdf = Buffer.from(await (await get(`${link}/pdf`)).arrayBuffer());
    expect(pdf.toString("latin1")).toMatch(/\/Subtype \/Image[^>]*\/Width 8/s);
  });

  test.each<[unknown, string]>([
    [{ logo: "https://acme.test/logo.png" }, "seller.logo must be a data: URL of a PNG or JPEG"],
    [{ logo: "data:image/svg+xml;base64,PHN2Zy8+" }, "seller.logo must be a data: URL"],
    [{ logo: "data:image/png;base64,A" }, "seller.logo must be a data: URL"],
    [{ logo: url(png(10, 10), "jpeg") }, "says that it is image/jpeg, its content is not"],
    [{ logo: url(Buffer.from("not a picture")) }, "says that it is image/png, its content is not"],
    [{ logo: url(png(10, 10).subarray(0, 40)) }, "seller.logo cannot be read"],
    [{ logo: url(png(10, 10, Buffer.from("no pixels"))) }, "seller.logo cannot be read"],
    [{ logo: url(png(5000, 1)) }, "4096 pixels a side"],
    [{ logo: url(Buffer.from("ffd8ff", "hex"), "jpeg") }, "seller.logo cannot be read"],
    [
      { logo: url(Buffer.concat([png(10, 10), Buffer.alloc(200_000)])) },
      "seller.logo must have at most 200000 bytes, not 200",
    ],
    [{ email: "nobody" }, "seller.email must be a mail address"],
    [{ phone: "1" }, "unknown field seller.phone"],
    [{ name: "" }, "seller.name"],
    [{ address_lines: "Berlin" }, "seller.address_lines"],
  ])("%j is refused, and nothing changes", async (seller, message) => {
    await patch({ name: "Ledger GmbH" });
    const { status, body } = await server.send("PATCH", SETTINGS, {
      seller,
      grace_period_hours: 48,
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    const { data } = (await server.send("GET", SETTINGS)).body;
    expect([data.seller?.name, data.seller?.email, data.grace_period_hours]).toEqual([
      "Ledger GmbH",
      null,
      24,
    ]);
  });

  test("belongs to its environment", async () => {
    await patch(full);
    const foreign = { authorization: `Bearer ${server.productionToken}` };
    const { body } = await server.send("GET", SETTINGS, undefined, foreign);
    expect(body.data.seller).toBeNull();
  });
});
