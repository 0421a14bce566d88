import type { LayerRow } from "../../../../src/protocol/rows";

/**
 * What is left of a layer's name without the module that is shown beside it: "/encoder/layer.0/MatMul" in the module
 * "encoder.layer.0" is "MatMul".
 */
export function shortName({ name, path, kind }: Pick<LayerRow, "name" | "path" | "kind">): string {
  if (kind === "module" || path === "") {
    return name;
  }
  const start = name.startsWith("/") ? 1 : 0;
  const cut = start + path.length;
  const isBelow = name.slice(start, cut).replaceAll("/", ".") === path && /[./]/.test(name.charAt(cut));
  return isBelow && name.length > cut + 1 ? name.slice(cut + 1) : name;
}
