import type { VNode } from "preact";
import { TENSOR_COLUMNS, type TensorColumn, type TensorRow } from "../../../../src/protocol/parameters";
import { bytes, count, exact, percent, ratio } from "../../../shared/format/units";
import type { GridColumn } from "../../../shared/table/DataGrid";
import { Icon } from "../../../shared/ui/Icon";
import { ShareBar } from "../../../shared/ui/share";
import { ROLE_WORDS, shapeWords, sharingWords } from "../words";

export interface TensorColumnView extends GridColumn<TensorRow, TensorColumn> {
  /** For copying: all digits, empty when there is none. */
  plain(row: TensorRow): string;
}

type Words = Pick<TensorColumnView, "title" | "rule" | "width"> & { readonly narrowest?: number };

function textual(words: Words, text: (row: TensorRow) => string, hover = text): Omit<TensorColumnView, "id"> {
  return { ...words, numeric: false, content: text, hover, plain: text };
}

function numeric(
  words: Words,
  value: (row: TensorRow) => number | null,
  format: (value: number) => string,
  unit: string,
): Omit<TensorColumnView, "id"> {
  return {
    ...words,
    numeric: true,
    content: (row) => {
      const known = value(row);
      return known === null ? "–" : format(known);
    },
    hover: (row) => {
      const known = value(row);
      return known === null ? "none" : `${exact(known)} ${unit}\n${words.rule}`;
    },
    plain: (row) => String(value(row) ?? ""),
  };
}

const VIEWS: { readonly [id in TensorColumn]: Omit<TensorColumnView, "id"> } = {
  name: {
    ...textual(
      { title: "Tensor", rule: "Name of the initializer, or of the Constant's output", width: 240 },
      ({ tensor }) => tensor.name,
      (row) =>
        [
          row.tensor.name,
          ...(row.tensor.graph === "" ? [] : [`in ${row.tensor.graph}`]),
          ...(row.location === "" ? [] : [`stored in ${row.location}`]),
          ...row.notes,
        ].join("\n"),
    ),
    content: (row) => <NameCell row={row} />,
  },
  usedBy: textual(
    { title: "Used by", rule: "Layers that read it", width: 150 },
    ({ usedBy, uses }) =>
      usedBy.length === 0 ? "nothing" : `${usedBy[0]!.label}${uses > 1 ? ` + ${uses - 1}` : ""}`,
    ({ usedBy, uses }) =>
      [
        ...usedBy.map(({ label }) => label),
        ...(uses > usedBy.length ? [`and ${uses - usedBy.length} more`] : []),
      ].join("\n") || "No layer reads it",
  ),
  path: {
    ...textual(
      { title: "Module", rule: "Module of the layer that reads it first", width: 170 },
      ({ path }) => path,
    ),
    content: ({ path }) => <bdi>{path}</bdi>,
  },
  role: textual(
    { title: "Role", rule: "What it is, as far as its uses tell", width: 88 },
    ({ role }) => ROLE_WORDS[role],
  ),
  shape: textual({ title: "Shape", rule: "Its sizes", width: 118, narrowest: 84 }, ({ dims }) =>
    shapeWords(dims),
  ),
  dtype: textual({ title: "Type", rule: "Type of its elements", width: 78 }, ({ dtype }) => dtype),
  params: numeric(
    { title: "Params", rule: "Elements of the tensor", width: 78 },
    ({ params }) => params,
    count,
    "elements",
  ),
  bytes: numeric(
    { title: "Size", rule: "Bytes as they are stored", width: 84 },
    (row) => row.bytes,
    bytes,
    "bytes",
  ),
  share: {
    ...numeric(
      { title: "% of weights", rule: "Part of the bytes of all tensors", width: 136, narrowest: 92 },
      ({ share }) => share,
      percent,
      "of the bytes",
    ),
    content: ({ share }) => (
      <span class="share-cell">
        <ShareBar share={share} />
        <span class="share-text">{percent(share)}</span>
      </span>
    ),
    hover: ({ share }) => `${percent(share)} of the bytes of all tensors`,
  },
  bitsPerWeight: numeric(
    {
      title: "Bits/weight",
      rule: "Bits stored for each weight, its scales and zero points included",
      width: 92,
    },
    ({ bitsPerWeight }) => bitsPerWeight,
    ratio,
    "bits per weight",
  ),
  sharing: textual(
    {
      title: "Sharing",
      rule: "One tensor that serves several layers (tied), or content that is stored twice (known once contents were compared)",
      width: 150,
    },
    sharingWords,
  ),
};

/** What a tensor is and how large comes first: these are in view beside the details. */
const FIRST: readonly TensorColumn[] = [
  "name",
  "shape",
  "dtype",
  "bytes",
  "share",
  "params",
  "role",
  "usedBy",
];

export const COLUMNS: readonly TensorColumnView[] = [
  ...FIRST,
  ...TENSOR_COLUMNS.filter((id) => !FIRST.includes(id)),
].map((id) => ({ id, ...VIEWS[id] }));

export const LEADING: ReadonlySet<string> = new Set(["shape", "dtype", "bytes", "share"]);

export function columnOf(id: TensorColumn): TensorColumnView {
  return COLUMNS.find((column) => column.id === id)!;
}

const SHARING_ICONS = { tied: "link", copy: "copy", transposed: "arrow-swap" } as const;

function NameCell({ row }: { readonly row: TensorRow }): VNode {
  const { sharing, notes, role } = row;
  return (
    <>
      <span class="name">
        <bdi>{row.tensor.name}</bdi>
      </span>
      {(role === "vocabulary" || role === "positions") && (
        <Mark icon={role === "vocabulary" ? "book" : "list-ordered"} words={`Table of ${role}`} />
      )}
      {sharing !== null && <Mark icon={SHARING_ICONS[sharing.kind]} words={sharingWords(row)} />}
      {notes.length > 0 && <Mark icon="info" words={notes.join("\n")} />}
    </>
  );
}

function Mark({ icon, words }: { readonly icon: string; readonly words: string }): VNode {
  return (
    <span class="mark" title={words} role="img" aria-label={words}>
      <Icon name={icon} />
    </span>
  );
}
