/** A shape with its colours worked out, in pixels of the drawing. */
type Shape =
  | { readonly kind: "path"; readonly d: string; readonly paint: Paint }
  | {
      readonly kind: "text";
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly anchor: "start" | "middle" | "end";
      readonly font: { readonly px: number; readonly family: string };
      readonly colour: string;
    };

interface Paint {
  readonly fill: string;
  readonly fillOpacity: number;
  readonly stroke: string;
  readonly strokeOpacity: number;
  readonly strokeWidth: number;
  readonly dash: readonly number[];
}

/** What a drawing looks like now, apart from the page: its theme's colours are in it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  /** The drawing's own shapes lie `top` below those of the picture. */
  readonly drawing: readonly Shape[];
  readonly top: number;
  readonly around: readonly Shape[];
}

export interface LegendItem {
  readonly title: string;
  /** The element whose colour stands for it. */
  readonly swatch: Element;
}

const LEGEND_ROW_PX = 18;
const LEGEND_CHAR_PX = 6;
const TITLE_PX = 22;
const PIXEL_RATIO = 2;

/**
 * Reads a drawing made of paths, lines, rectangles, circles and texts as the page shows it, with a title above and a
 * legend below.
 */
export function pictureOf(drawing: SVGSVGElement, title: string, legend: readonly LegendItem[]): Picture {
  const body = getComputedStyle(document.body);
  const width = drawing.clientWidth;
  const drawn = drawing.clientHeight;
  const font = { px: 11, family: body.fontFamily };
  const colour = body.color;
  const elements = drawing.querySelectorAll<SVGGraphicsElement>("path, line, rect, circle, text");
  const around: Shape[] = [
    { kind: "text", x: 8, y: 15, text: title, anchor: "start", font: { ...font, px: 12 }, colour },
  ];
  let x = 8;
  let y = TITLE_PX + drawn + 13;
  for (const { title: words, swatch } of legend) {
    const room = 18 + words.length * LEGEND_CHAR_PX + 14;
    if (x + room > width && x > 8) {
      x = 8;
      y += LEGEND_ROW_PX;
    }
    const paint = { ...NO_PAINT, fill: swatchColour(swatch), fillOpacity: 1 };
    around.push({ kind: "path", d: `M${x},${y - 8}h9v9h-9z`, paint });
    around.push({ kind: "text", x: x + 14, y, text: words, anchor: "start", font, colour });
    x += room;
  }
  return {
    width,
    height: y + 10,
    background: body.backgroundColor,
    drawing: [...elements].map(shapeOf),
    top: TITLE_PX,
    around,
  };
}

const NO_PAINT: Paint = {
  fill: "none",
  fillOpacity: 1,
  stroke: "none",
  strokeOpacity: 1,
  strokeWidth: 1,
  dash: [],
};

function swatchColour(swatch: Element): string {
  const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(swatch);
  return borderTopWidth !== "0px" ? borderTopColor : backgroundColor;
}

function shapeOf(element: SVGGraphicsElement): Shape {
  const style = getComputedStyle(element);
  const number = (name: string) => Number(element.getAttribute(name) ?? 0);
  if (element instanceof SVGTextElement) {
    const anchor = style.textAnchor;
    const px = Number.parseFloat(style.fontSize);
    const shift = Number.parseFloat(element.getAttribute("dy") ?? "0") * px;
    return {
      kind: "text",
      x: number("x"),
      y: number("y") + shift,
      text: element.textContent ?? "",
      anchor: anchor === "middle" || anchor === "end" ? anchor : "start",
      font: { px, family: style.fontFamily },
      colour: style.fill,
    };
  }
  return { kind: "path", d: pathOf(element, number), paint: paintOf(style) };
}

function pathOf(element: SVGGraphicsElement, number: (name: string) => number): string {
  if (element instanceof SVGLineElement) {
    return `M${number("x1")},${number("y1")}L${number("x2")},${number("y2")}`;
  }
  if (element instanceof SVGRectElement) {
    return `M${number("x")},${number("y")}h${number("width")}v${number("height")}h${-number("width")}z`;
  }
  if (element instanceof SVGCircleElement) {
    const r = number("r");
    return `M${number("cx") - r},${number("cy")}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`;
  }
  return element.getAttribute("d") ?? "";
}

function paintOf(style: CSSStyleDeclaration): Paint {
  return {
    fill: style.fill,
    fillOpacity: Number(style.fillOpacity),
    stroke: style.stroke,
    strokeOpacity: Number(style.strokeOpacity),
    strokeWidth: Number.parseFloat(style.strokeWidth),
    dash: style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat),
  };
}

/** The picture as a file of its own. */
export function svgText({ width, height, background, drawing, top, around }: Picture): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}>`,
    `<rect width="${width}" height="${height}" fill="${escaped(background)}"/>`,
    `<g transform="translate(0 ${top})">`,
    ...drawing.map(elementText),
    "</g>",
    ...around.map(elementText),
    "</svg>",
    "",
  ].join("\n");
}

function elementText(shape: Shape): string {
  if (shape.kind === "text") {
    const { x, y, anchor, font, colour, text } = shape;
    return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${font.px}" font-family="${escaped(font.family)}" fill="${escaped(colour)}">${escaped(text)}</text>`;
  }
  const { fill, fillOpacity, stroke, strokeOpacity, strokeWidth, dash } = shape.paint;
  const dashes = dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
  return `<path d="${shape.d}" fill="${escaped(fill)}" fill-opacity="${fillOpacity}" stroke="${escaped(stroke)}" stroke-opacity="${strokeOpacity}" stroke-width="${strokeWidth}"${dashes}/>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** The picture at twice its size as PNG in base 64. Drawn shape by shape: the page's policy lets no image be loaded. */
export async function pngBase64(picture: Picture): Promise<string> {
  const canvas = document.createElement("canvas");
  canvas.width = picture.width * PIXEL_RATIO;
  canvas.height = picture.height * PIXEL_RATIO;
  const context = canvas.getContext("2d");
  if (context === null) {
    throw new Error("This window cannot draw a picture.");
  }
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  context.fillStyle = picture.background;
  context.fillRect(0, 0, picture.width, picture.height);
  for (const shape of picture.around) {
    draw(context, shape);
  }
  context.translate(0, picture.top);
  for (const shape of picture.drawing) {
    draw(context, shape);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) {
    throw new Error("This window cannot make a PNG.");
  }
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}

function draw(context: CanvasRenderingContext2D, shape: Shape): void {
  if (shape.kind === "text") {
    context.globalAlpha = 1;
    context.font = `${shape.font.px}px ${shape.font.family}`;
    context.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
    context.fillStyle = shape.colour;
    context.fillText(shape.text, shape.x, shape.y);
    return;
  }
  const path = new Path2D(shape.d);
  const { fill, fillOpacity, stroke, strokeOpacity, strokeWidth, dash } = shape.paint;
  if (fill !== "none") {
    context.globalAlpha = fillOpacity;
    context.fillStyle = fill;
    context.fill(path);
  }
  if (stroke !== "none") {
    context.globalAlpha = strokeOpacity;
    context.strokeStyle = stroke;
    context.lineWidth = strokeWidth;
    context.setLineDash([...dash]);
    context.stroke(path);
  }
}
