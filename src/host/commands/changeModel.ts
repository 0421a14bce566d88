import * as vscode from "vscode";
import type { Offer } from "../../protocol/actions";
import { askParams } from "../forms/askParams";
import type { Host } from "../host";
import { bytes } from "../units";
import { targetModel } from "./target";

interface Choice extends vscode.QuickPickItem {
  readonly offer?: Offer;
}

/**
 * Asks which change of the whole model to make and how, and shows what it would do. A key binding may name the action:
 * `"args": { "action": "setDim" }`.
 */
export async function changeModel(host: Host, argument: unknown): Promise<void> {
  const model = targetModel(host, argument);
  if (model === undefined) {
    return;
  }
  const lease = host.sessions.acquire(model);
  try {
    const { fileName } = lease.session;
    const { offers, refusals } = await lease.session.read("offers", { key: "" });
    const action = actionOf(argument);
    const offer =
      action === undefined
        ? await pickOffer(fileName, offers)
        : offers.find(({ call }) => call.action === action);
    if (offer === undefined) {
      const refusal = refusals.find((one) => one.action === action);
      if (action !== undefined) {
        const reason = refusal?.reason ?? `There is nothing to do for "${action}".`;
        void vscode.window.showInformationMessage(`${fileName}: ${reason}`);
      }
      return;
    }
    const params = await askParams(offer.title, offer.params ?? [], offer.call.params);
    if (params !== undefined) {
      await host.previews.show(model, [{ ...offer.call, params }]);
    }
  } finally {
    lease.dispose();
  }
}

async function pickOffer(fileName: string, offers: readonly Offer[]): Promise<Offer | undefined> {
  const choice = ({ onRequest }: Offer) => onRequest === true;
  const items = [
    ...section(
      "Suggested",
      offers.filter((offer) => !choice(offer)),
    ),
    ...section("On request", offers.filter(choice)),
  ];
  const picked = await vscode.window.showQuickPick<Choice>(items, {
    title: `Change ${fileName}`,
    placeHolder: "What to change; it is shown before anything is done",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.offer;
}

function section(title: string, offers: readonly Offer[]): Choice[] {
  return offers.length === 0
    ? []
    : [
        { label: title, kind: vscode.QuickPickItemKind.Separator },
        ...offers.map((offer): Choice => {
          const saved = offer.weightBytesBefore - offer.weightBytesAfter;
          return {
            label: offer.title,
            detail: offer.detail,
            ...(saved > 0 ? { description: `saves ${bytes(saved)}` } : {}),
            offer,
          };
        }),
      ];
}

function actionOf(argument: unknown): string | undefined {
  const action =
    typeof argument === "object" && argument !== null && "action" in argument ? argument.action : undefined;
  return typeof action === "string" ? action : undefined;
}
