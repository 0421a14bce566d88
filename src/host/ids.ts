import type { ViewPanelId } from "../protocol/panels";

/** Names that package.json and the code share. */
export const VIEW_TYPE = "onnxray.model";
export const TEXT_SCHEME = "onnx-text";
/** The right side of a preview: the text view as it would be. */
export const PREVIEW_SCHEME = "onnx-preview";
export const TEXT_LANGUAGE = "onnxtxt";
export const PYTHON_LANGUAGE = "python";
export const CONFIGURATION = "onnxray";

/** What VS Code calls the panels of single views. */
export const VIEW_PANEL_TYPES: { readonly [id in ViewPanelId]: string } = {
  attention: "onnxray.attention",
  parameters: "onnxray.parameters",
};
