/**
 * A size as the facts files write it: Python's integers, names, +, -, *, // and brackets. Undefined for "?", which is
 * what the exporter did not say.
 */
export function pythonSize(
  text: string | number,
  dims: { readonly [name: string]: number },
): number | undefined {
  if (typeof text === "number" || text === "?") {
    return text === "?" ? undefined : text;
  }
  const tokens = text.match(/\/\/|[A-Za-z_]\w*|\d+|\S/g) ?? [];
  let at = 0;
  const take = (...wanted: readonly string[]) =>
    wanted.includes(tokens[at] ?? "") ? tokens[at++] : undefined;
  const sum = (): number => {
    let value = product();
    for (let sign = take("+", "-"); sign !== undefined; sign = take("+", "-")) {
      value += sign === "+" ? product() : -product();
    }
    return value;
  };
  const product = (): number => {
    let value = factor();
    for (let sign = take("*", "//"); sign !== undefined; sign = take("*", "//")) {
      value = sign === "*" ? value * factor() : Math.floor(value / factor());
    }
    return value;
  };
  const factor = (): number => {
    if (take("-") !== undefined) {
      return -factor();
    }
    if (take("(") !== undefined) {
      const value = sum();
      take(")");
      return value;
    }
    const token = tokens[at++] ?? "";
    const value = dims[token] ?? Number(token);
    if (token === "" || Number.isNaN(value)) {
      throw new Error(`${text}: ${token || "the end"} is no size`);
    }
    return value;
  };
  const value = sum();
  if (at < tokens.length) {
    throw new Error(`${text}: nothing may follow ${tokens.slice(0, at).join(" ")}`);
  }
  return value;
}
