import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cursor } from "../../../src/core/wire/cursor";
import { FieldScanner } from "../../../src/core/wire/scanner";
import type { ByteSource } from "../../../src/core/wire/source";
import { caught } from "../../support/caught";
import { memorySource } from "../../support/sources";
import { bytesField, concat, floats, group, numberField, tag, textField, varint } from "../../support/wire";

function scanner(bytes: Uint8Array): FieldScanner {
  return new FieldScanner(new Cursor(memorySource(bytes)), { start: 0, end: bytes.length });
}

describe("numbers", () => {
  test("every 64-bit number is read as its nearest double, and takes its own bytes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(9000), (value, before) => {
        const bytes = concat(new Uint8Array(before), varint(value), new Uint8Array(3));
        const cursor = new Cursor(memorySource(bytes));
        expect(cursor.varint(before)).toBe(Number(value));
        expect(cursor.next).toBe(before + varint(value).length);
      }),
    );
  });

  test("more bytes than it needs are read all the same, as protobuf does", () => {
    const cursor = new Cursor(memorySource(Uint8Array.of(0x81, 0x80, 0x80, 0)));
    expect(cursor.varint(0)).toBe(1);
    expect(cursor.next).toBe(4);
  });

  test("eleven bytes are too many, and the end comes where it comes", () => {
    const cursor = new Cursor(memorySource(new Uint8Array(11).fill(0x80)));
    expect(caught(() => cursor.varint(0)).code).toBe("malformed");
    expect(caught(() => cursor.varint(5)).code).toBe("truncated");
    expect(caught(() => cursor.byte(11)).code).toBe("truncated");
    expect(caught(() => cursor.byte(-1)).code).toBe("truncated");
  });
});

describe("reading through a window", () => {
  /** A source of any size that counts; each byte tells its offset. */
  function counting(size: number): ByteSource & { bytes: number; reads: number } {
    return {
      ...{ name: "big", size, bytes: 0, reads: 0 },
      read(offset, into) {
        this.reads++;
        this.bytes += into.length;
        into.forEach((_, index) => {
          into[index] = (offset + index) % 251;
        });
      },
    };
  }

  test("any order of reads gives the same bytes", () => {
    const size = 2 ** 40;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.nat(5000)), { maxLength: 30 }), (places) => {
        const cursor = new Cursor(counting(size));
        for (const [place, length] of places) {
          const start = place % (size - 5000);
          expect(cursor.byte(start)).toBe(start % 251);
          const view = cursor.view({ start, end: start + length });
          expect(view.length).toBe(length);
          expect([...view.subarray(-3)]).toEqual(
            Array.from(
              { length: Math.min(3, length) },
              (_, index) => (start + length - Math.min(3, length) + index) % 251,
            ),
          );
        }
      }),
    );
  });

  test("hopping over gigabytes reads a little at each landing, going on in order reads in large pieces", () => {
    const hops = counting(2 ** 40);
    const hopping = new Cursor(hops);
    for (let hop = 0; hop < 1000; hop++) {
      hopping.byte(hop * 2 ** 28);
    }
    expect(hops.bytes / hops.reads).toBeLessThanOrEqual(4096);
    const run = counting(2 ** 25);
    const running = new Cursor(run);
    for (let at = 0; at < run.size; at++) {
      running.byte(at);
    }
    expect(run.reads).toBeLessThan(60);
    expect(run.bytes).toBe(run.size);
  });

  test("a view larger than any message is refused before it is read", () => {
    const source = counting(2 ** 40);
    expect(caught(() => new Cursor(source).view({ start: 0, end: 2 ** 35 })).code).toBe("limit");
    expect(source.reads).toBe(0);
  });
});

describe("fields", () => {
  test("all wire types, with their records", () => {
    const parts = [
      numberField(1, -7),
      textField(2, "text"),
      concat(tag(3, 5), floats([1.5])),
      concat(tag(4, 1), new Uint8Array(8)),
      group(5, numberField(1, 1), group(2)),
      bytesField(536_870_911, new Uint8Array(3)),
    ];
    const seen = scanner(concat(...parts));
    const records: [number, number][] = [];
    while (seen.advance()) {
      records.push([seen.field, seen.record.end - seen.record.start]);
    }
    expect(records).toEqual(
      [1, 2, 3, 4, 5, 536_870_911].map((field, index) => [field, parts[index]!.length]),
    );
  });

  test.each([
    ["field number zero", tag(0, 0)],
    ["a field number too large", varint(536_870_912n * 8n)],
    ["wire type 6", tag(1, 6)],
    ["the end of a group that never began", tag(1, 4)],
    ["a group closed by another one's end", concat(tag(1, 3), tag(2, 4))],
    ["a negative length", bytesField(1, new Uint8Array(), -1)],
  ])("%s", (_, bytes) => {
    const error = caught(() => scanner(concat(bytes, new Uint8Array(20))).advance());
    expect(error).toMatchObject({ code: "malformed", where: { offset: 0 } });
    expect(error.message).toContain("at byte 0");
  });

  test("packed and unpacked numbers", () => {
    for (const bytes of [bytesField(1, concat(varint(3), varint(-1))), numberField(1, 3)]) {
      const one = scanner(bytes);
      one.advance();
      expect([...one.varints()]).toEqual(bytes[0] === 10 ? [3, -1] : [3]);
    }
  });

  test("packed numbers that run over their end", () => {
    const one = scanner(concat(bytesField(1, Uint8Array.of(0x80)), Uint8Array.of(1)));
    one.advance();
    expect(caught(() => [...one.varints()]).code).toBe("malformed");
  });
});
