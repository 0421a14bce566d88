import type { RefObject, VNode } from "preact";
import { pictureOf, pngBase64, svgText } from "../../../shared/charts/picture";
import { Popover } from "../../../shared/ui/Popover";
import { useAttention } from "../context";
import { curveCsv } from "../csv";

/** Takes a curve out of the page: as a drawing, as a picture, as numbers. */
export function ExportMenu({
  name,
  title,
  drawing,
  card,
}: {
  readonly name: "cost" | "memory";
  readonly title: string;
  readonly drawing: RefObject<SVGSVGElement | null>;
  readonly card: RefObject<HTMLElement | null>;
}): VNode {
  const store = useAttention();
  const picture = () => {
    const model = store.view.summary.value?.fileName ?? "";
    const legend = [...(card.current?.querySelectorAll<HTMLElement>("[data-legend]") ?? [])].map(
      (swatch) => ({ title: swatch.dataset["legend"] ?? "", swatch }),
    );
    return pictureOf(drawing.current!, `${model}: ${title}`, legend);
  };
  const ways: readonly { readonly words: string; readonly run: () => Promise<void> }[] = [
    {
      words: "SVG drawing…",
      run: () => store.export(`attention-${name}.svg`, { text: svgText(picture()) }),
    },
    {
      words: "PNG picture…",
      run: async () => store.export(`attention-${name}.png`, { base64: await pngBase64(picture()) }),
    },
    {
      words: "CSV table…",
      run: async () => {
        const curve = store.curve.value;
        if (curve !== null) {
          await store.export("attention-curves.csv", { text: curveCsv(curve) });
        }
      },
    },
  ];
  return (
    <Popover icon="export" label={`Export the curve of ${name}`}>
      {(close) =>
        ways.map(({ words, run }) => (
          <button
            key={words}
            type="button"
            class="menu-item"
            onClick={() => {
              close();
              void store.view.attempt(run);
            }}
          >
            {words}
          </button>
        ))
      }
    </Popover>
  );
}
