import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";
import { askParams } from "../forms/askParams";
import type { Host } from "../host";
import { bytes } from "../units";
import { targetModel } from "./target";

/** The rows with most weight bytes are asked for fixes; what lies below them saves next to nothing. */
const MAX_ROWS = 300;

interface Choice extends vscode.QuickPickItem {
  readonly offer: Offer;
}

/** Asks how and which layers to quantise, the ones that save most first, and does them as one undo step. */
export async function quantizeWeights(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  if (model === undefined) {
    return;
  }
  const lease = host.sessions.acquire(model);
  try {
    const { session } = lease;
    const title = `Quantise Weights of ${session.fileName}`;
    const kind = await pickKind(title, kindsOf(await choices(session)));
    if (kind === undefined) {
      return;
    }
    const picked = await vscode.window.showQuickPick(kind, {
      title,
      placeHolder: "Layers, those that save most first",
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    const [first] = picked ?? [];
    if (picked === undefined || first === undefined) {
      return;
    }
    const { offer } = first;
    const params = await askParams(offer.title, offer.params ?? [], offer.call.params);
    if (params !== undefined) {
      await host.apply(
        model,
        picked.map(({ offer: { call } }) => ({ ...call, params: { ...call.params, ...params } })),
      );
    }
  } finally {
    lease.dispose();
  }
}

/** The ways to quantise, each with the layers that it can be done to. */
function kindsOf(all: readonly Choice[]): readonly (readonly Choice[])[] {
  const kinds = new Map<string, Choice[]>();
  for (const choice of all) {
    const { title } = choice.offer;
    kinds.set(title, [...(kinds.get(title) ?? []), choice]);
  }
  return [...kinds.values()];
}

async function pickKind(
  title: string,
  kinds: readonly (readonly Choice[])[],
): Promise<readonly Choice[] | undefined> {
  if (kinds.length <= 1) {
    return kinds[0] ?? [];
  }
  const items = kinds.map((choices) => ({
    label: choices[0]?.offer.title ?? "",
    description: `${choices.length} layers`,
    choices,
  }));
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: "How" });
  return picked?.choices;
}

async function choices(session: ModelSession): Promise<Choice[]> {
  const page = await session.read("rows", {
    group: false,
    sort: { column: "weightBytes", descending: true },
    start: 0,
    count: MAX_ROWS,
  });
  const rows = page.rows.filter((row) => row.kind === "node" && row.offers > 0);
  const found = await Promise.all(
    rows.map(async (row) => {
      const { offers } = await session.read("offers", { key: row.key });
      return offers
        .filter((offer) => /quanti[sz]e/i.test(offer.call.action))
        .map((offer) => ({ row, offer, saved: offer.weightBytesBefore - offer.weightBytesAfter }));
    }),
  );
  return found
    .flat()
    .sort((a, b) => b.saved - a.saved)
    .map(({ row, offer, saved }) => ({
      label: row.path === "" ? row.name : row.path,
      description: `${offer.title}, saves ${bytes(saved)}`,
      detail: offer.detail,
      offer,
    }));
}
