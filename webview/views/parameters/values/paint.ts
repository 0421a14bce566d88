import type { TensorValues } from "../../../../src/protocol/parameters";
import { type HeatColours, heatPixels } from "./colours";
import type { MatrixSize, Region } from "./region";

/** The cells of an answer as a picture of one pixel for each. */
export function pictureOf(
  values: TensorValues,
  limit: number,
  colours: HeatColours,
): HTMLCanvasElement | null {
  const { cellRows, cellColumns } = values;
  if (cellRows === 0 || cellColumns === 0) {
    return null;
  }
  const picture = document.createElement("canvas");
  picture.width = cellColumns;
  picture.height = cellRows;
  picture
    .getContext("2d")!
    .putImageData(new ImageData(heatPixels(values.values, limit, colours), cellColumns, cellRows), 0, 0);
  return picture;
}

/** Draws pictures of parts of a matrix where a region of it is in view, the later ones over the earlier. */
export function paint(
  canvas: HTMLCanvasElement,
  region: Region,
  size: MatrixSize,
  layers: readonly { readonly values: TensorValues; readonly picture: HTMLCanvasElement }[],
): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  const scaleX = width / region.columns;
  const scaleY = height / region.rows;
  context.setTransform(scaleX, 0, 0, scaleY, -region.column * scaleX, -region.row * scaleY);
  // The last cells may stand for fewer values than the others: what hangs over is cut off.
  context.save();
  context.beginPath();
  context.rect(0, 0, size.columns, size.rows);
  context.clip();
  for (const { values, picture } of layers) {
    const { row, column, cellRows, cellColumns, rowStep, columnStep } = values;
    context.drawImage(picture, column, row, cellColumns * columnStep, cellRows * rowStep);
  }
  context.restore();
}
