import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import type { ModelSession } from "../engine/modelSession";
import type { Host } from "../host";
import { targetModel } from "./target";

/** The rows with most weight bytes are asked for fixes; what lies below them saves next to nothing. */
const MAX_ROWS = 300;

interface Choice extends vscode.QuickPickItem {
  readonly offer: Offer;
}

/** Asks which layers to quantise, the ones that save most first, and does them as one undo step. */
export async function quantizeWeights(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  if (model === undefined) {
    return;
  }
  const lease = host.sessions.acquire(model);
  try {
    const pick = await vscode.window.showQuickPick(choices(lease.session), {
      title: `Quantise Weights of ${lease.session.fileName}`,
      placeHolder: "Layers, those that save most first",
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (pick !== undefined && pick.length > 0) {
      await host.apply(
        model,
        pick.map((choice) => choice.offer.call),
      );
    }
  } finally {
    lease.dispose();
  }
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

function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 2 ** (10 * step);
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 })} ${units[step]}`;
}
